import type { StreamingConnection } from "../kube/connect.ts";
import type { Context } from "./context.ts";
import { connectOptions, type GlobalFlags } from "./global-flags.ts";
import { createRemarks } from "./remarks.ts";

/**
 * The connection that the global flags ask for, with what it has to say besides answers on stderr: the server's
 * warnings, each once, and with `-v=6` a line for each request.
 *
 * @param stdinUsedBy what reads standard input, which a credential plug-in may not ask on then; where it is a function, that
 *   is called when one is to be run
 * @param onPluginOutput takes what a credential plug-in writes to stderr; without it, it has kev's own
 */
export async function openConnection(
  flags: GlobalFlags,
  context: Context,
  stdinUsedBy?: string | (() => string | undefined),
  onPluginOutput?: (text: string) => void,
): Promise<StreamingConnection> {
  const remarks = await createRemarks(context, flags.color);
  return await context.connect({
    ...connectOptions(flags),
    env: context.env,
    homeDir: context.homeDir,
    stdinIsTTY: context.stdin.isTTY,
    onPluginOutput,
    get stdinUsedBy() {
      return typeof stdinUsedBy === "function" ? stdinUsedBy() : stdinUsedBy;
    },
    signal: context.signal,
    onWarning: (text) => remarks.warn(text),
    ...((flags.v ?? 0) >= 6 && {
      onRequest: ({ method, path, status, error, milliseconds }) =>
        remarks.log(`${method} ${path} ${status ?? error ?? ""} in ${milliseconds} milliseconds`),
    }),
  });
}
