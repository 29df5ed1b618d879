import type { Clock } from "../util/clock.ts";
import { KevError } from "../util/errors.ts";

/** Milliseconds for a try that hangs, however short the time for more tries is. */
const least = 10_000;
const usualRetryTimeout = 30_000;

/** Milliseconds in which events must be written while somebody waits for that. */
export function patience({ retryTimeout = usualRetryTimeout }: { readonly retryTimeout?: number | undefined }): number {
  return Math.max(retryTimeout, least);
}

export interface PatienceOptions {
  readonly milliseconds: number;
  readonly clock: Clock;
  /** Aborted when the time is over: it has to end what is waited for. */
  readonly ending: AbortController;
  /** Likewise, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What the promise comes to, which may not take longer. */
export async function withinPatience<T>(
  promise: Promise<T>,
  { milliseconds, clock, ending, signal }: PatienceOptions,
): Promise<T> {
  const done = new AbortController();
  const onAbort = (): void => ending.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  clock.sleep(milliseconds, done.signal).then(
    () => ending.abort(new KevError("unreachable", `the API server did not answer within ${milliseconds / 1_000}s`)),
    () => undefined,
  );
  try {
    return await promise;
  } finally {
    done.abort();
    signal?.removeEventListener("abort", onAbort);
  }
}
