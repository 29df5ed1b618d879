import type { Clock } from "./clock.ts";
import { KevError } from "./errors.ts";

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
  /** Shared by operations that meet the same outage, so that its time is spent once and not once by each. */
  outage?: Outage | undefined;
}

/** When, in milliseconds since 1970, the first of an unbroken row of failures that concern all came. */
export interface Outage {
  since?: number | undefined;
  /** When the last of them came. Who begins a try after `timeout` without one begins another row: somebody may have been there meanwhile. */
  last?: number | undefined;
}

/**
 * Whether another try makes sense, the shortest wait before it in milliseconds, and whether the failure concerns all
 * operations (nobody is there) or this one.
 */
export type Retriable = (error: unknown) => { after: number; concernsAll?: boolean } | undefined;

const firstDelay = 250;
const longestDelay = 5_000;

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
  const { clock, signal, random = Math.random, outage } = policy;
  let firstFailure: number | undefined;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const startedAt = clock.now().getTime();
    try {
      const result = await operation(attempt);
      if (outage) outage.since = undefined;
      return result;
    } catch (error) {
      const verdict = signal?.aborted ? undefined : retriable(error);
      // Any answer, a refusal too, says that somebody is there again.
      if (outage && !verdict?.concernsAll) outage.since = undefined;
      if (verdict === undefined) throw error;
      const now = clock.now().getTime();
      firstFailure ??= now;
      if (verdict.concernsAll && outage) {
        if (outage.last !== undefined && startedAt - outage.last > policy.timeout) outage.since = undefined;
        outage.since ??= now;
        outage.last = now;
        firstFailure = Math.min(firstFailure, outage.since);
      }
      const backoff = Math.min(firstDelay * 2 ** (attempt - 1), longestDelay) * (0.5 + random() / 2);
      const delay = Math.max(backoff, verdict.after);
      if (now + delay - firstFailure > policy.timeout) {
        if (verdict.after === delay) sayLongWait(error, delay, now + delay - firstFailure);
        throw error;
      }
      policy.onRetry?.(error, delay);
      await clock.sleep(delay, signal);
    }
  }
}

// `needed`: the time for retries, in milliseconds, that would have reached the next try.
function sayLongWait(error: unknown, delay: number, needed: number): void {
  if (!(error instanceof KevError)) return;
  const wait = Math.ceil(delay / 1_000);
  if (error.hint !== undefined) return;
  error.hint = (name) =>
    `the server asks to wait ${wait}s; ${name("retryTimeout")} ${duration(needed)} waits that long`;
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  return seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
}
