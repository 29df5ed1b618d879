import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";

/**
 * Gives cuid2 its random numbers from node:crypto. It asks `globalThis.crypto` for them, which in Node loads all of Web
 * Crypto (3 ms of a start that takes 120): both fill a buffer from the same generator.
 */
export const cuid2Random: Plugin = {
  name: "cuid2-random",
  setup({ onLoad }) {
    onLoad({ filter: /@paralleldrive[\\/]cuid2[\\/]src[\\/]index\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      if (!text.includes("globalThis.crypto.getRandomValues("))
        throw new Error(`${path} does not ask for Web Crypto any more`);
      const ours =
        'import { randomFillSync } from "node:crypto";\nconst kevCrypto = { getRandomValues: randomFillSync };\n';
      return { contents: ours + text.replaceAll("globalThis.crypto", "kevCrypto") };
    });
  },
};
