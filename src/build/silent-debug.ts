import type { Plugin } from "esbuild";

const namespace = "kev:debug";

/**
 * Lets the package `debug` say nothing: the packages for proxies show by it, to who sets DEBUG, what they connect with, tokens
 * too.
 */
export const silentDebug: Plugin = {
  name: "silent-debug",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^debug$/ }, ({ path }) => ({ path, namespace }));
    onLoad({ filter: /./, namespace }, () => ({ contents: "export default () => () => undefined;" }));
  },
};
