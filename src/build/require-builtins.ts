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
    onResolve({ filter: /./ }, ({ path, kind, importer }) => {
      if (kind !== "import-statement" || !isBuiltin(path) || path === "node:module") return undefined;
      return { path, namespace, pluginData: importer };
    });
    onLoad({ filter: /./, namespace }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};
