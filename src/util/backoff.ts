import type { Clock } from "./clock.ts";

/** How often and how long something is tried again. */
export interface RetryPolicy {
  /** Milliseconds after the first failure in which tries still start; 0 means one try only. */
  timeout: number;
  clock: Clock;
  signal?: AbortSignal | undefined;
  /** 0 ≤ x < 1; default Math.random. */
  random?: (() => number) | undefined;
  /** Called before each wait, with the failure and the milliseconds to wait. */
  onRetry?: ((error: unknown, delay: number) => void) | undefined;
  /** Called when the time ran out on a failure that might have passed. */
  onGiveUp?: ((report: RetryReport) => void) | undefined;
}

/** Whether another try makes sense, and the shortest wait before it in milliseconds. */
export type Retriable = (error: unknown) => { after: number } | undefined;

const firstDelay = 250;
const longestDelay = 5_000;

/** What was spent on an operation that failed in the end. */
export interface RetryReport {
  tries: number;
  milliseconds: number;
}

/**
 * Runs `operation` until it succeeds, fails for good or the policy's time is up; then throws its last error.
 * Waits double from 250 ms to 5 s, each times a random factor of 0.5 to 1 so that many callers do not come back together.
 *
 * @param operation told the number of the try, from 1
 */
export async function retry<T>(
  operation: (attempt: number) => Promise<T>,
  retriable: Retriable,
  policy: RetryPolicy,
): Promise<T> {
  const { clock, signal, random = Math.random } = policy;
  let firstFailure: number | undefined;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      const verdict = signal?.aborted ? undefined : retriable(error);
      if (verdict === undefined) throw error;
      const now = clock.now().getTime();
      firstFailure ??= now;
      const backoff = Math.min(firstDelay * 2 ** (attempt - 1), longestDelay) * (0.5 + random() / 2);
      const delay = Math.max(backoff, verdict.after);
      if (now + delay - firstFailure > policy.timeout) {
        policy.onGiveUp?.({ tries: attempt, milliseconds: now - firstFailure });
        throw error;
      }
      policy.onRetry?.(error, delay);
      await clock.sleep(delay, signal);
    }
  }
}
