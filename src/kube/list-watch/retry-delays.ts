const firstDelay = 250;
const longestDelay = 30_000;

/** The waits of an unbroken row of failures. */
export interface RetryDelays {
  /** Milliseconds to wait after one more failure, at least `atLeast` of them. */
  next(atLeast?: number): number;
  /** The row is broken. */
  reset(): void;
}

/** Waits double from 250 ms to 30 s, each times a random factor of 0.5 to 1 so that many callers do not come back together. */
export function createRetryDelays(random: () => number): RetryDelays {
  let failures = 0;
  return {
    next: (atLeast = 0) => {
      const delay = Math.min(firstDelay * 2 ** failures, longestDelay) * (0.5 + random() / 2);
      failures++;
      return Math.max(delay, atLeast);
    },
    reset: () => {
      failures = 0;
    },
  };
}
