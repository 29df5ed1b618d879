import { readdirSync, readFileSync } from "node:fs";
import type { Metafile } from "esbuild";

/** The licences of all packages that stand in a bundle, which their terms ask to be handed on with it. */
export function thirdPartyNotices(metafile: Metafile, root: string): string {
  const packages = new Set<string>();
  for (const output of Object.values(metafile.outputs)) {
    for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
      const found = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
      if (found?.[0] !== undefined && bytesInOutput > 0) packages.add(found[0]);
    }
  }
  return [...packages]
    .sort()
    .map((folder) => notice(`${root}${folder}`))
    .join("\n");
}

function notice(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as Record<
    string,
    string
  >;
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `${license}\n` : readFileSync(`${folder}${file}`, "utf8");
  return `${name} ${version} (${license})\n\n${text.trim()}\n\n${"-".repeat(80)}\n`;
}
