import { setMaxListeners } from "node:events";
import type { Context } from "./context.ts";

/** Aborts when the program is interrupted or, where it writes to stdout, when nobody reads that any more. */
export function endingOf(
  { signal, stdout }: Pick<Context, "signal" | "stdout">,
  writesToStdout: boolean,
): AbortController {
  const ending = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, ending.signal);
  for (const one of writesToStdout ? [signal, stdout.closed] : [signal]) {
    const end = (): void => ending.abort(signal.reason ?? new Error("nobody reads stdout any more"));
    if (one.aborted) end();
    else one.addEventListener("abort", end, { once: true });
  }
  return ending;
}
