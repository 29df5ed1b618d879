import { setMaxListeners } from "node:events";
import type { Clock } from "./clock.ts";

export interface DelayedAbort {
  readonly signal: AbortSignal;
  /** Nobody listens any more. */
  end(): void;
}

/** Aborts so many milliseconds after `signal` has, with its reason: what is nearly done may still end as it would have. */
export function delayedAbort(signal: AbortSignal, milliseconds: number, clock: Clock): DelayedAbort {
  const delayed = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, delayed.signal);
  const ended = new AbortController();
  const onAbort = (): void => {
    clock.sleep(milliseconds, ended.signal).then(
      () => delayed.abort(signal.reason),
      () => undefined,
    );
  };
  if (signal.aborted) delayed.abort(signal.reason);
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    signal: delayed.signal,
    end: () => {
      signal.removeEventListener("abort", onAbort);
      ended.abort();
    },
  };
}
