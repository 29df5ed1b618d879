import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const namespace = "kev:builtin";

/**
 * Loads Node's own modules with `require` where the source says `import`. An import statement reads every export of the
 * module at once, and some are costly to read: `http.WebSocket` loads undici (25 ms), `tls.rootCertificates` parses 150
 * certificates, `process.stdin` opens it. `require` reads what is used.
 */
export const requireBuiltins: Plugin = {
  name: "require-builtins",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /./ }, ({ path, kind, importer, namespace: from }) => {
      const isLazy = kind === "require-call" && path === "node:child_process" && from !== namespace;
      if ((kind !== "import-statement" && !isLazy) || !isBuiltin(path) || path === "node:module") return undefined;
      return { path, namespace, pluginData: importer };
    });
    // commander asks for it when it is loaded, and uses it for subcommands that are programs, of which kev has none.
    onLoad({ filter: /^(node:)?child_process$/, namespace }, () => ({
      contents: 'module.exports = { get spawn() { return require("node:child_process").spawn; } };',
    }));
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};
