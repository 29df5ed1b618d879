/** The time and the passing of it; tests pass their own. */
export interface Clock {
  now(): Date;
  /** Resolves after `milliseconds`; rejects with the signal's reason when it aborts first. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** One that also measures: how much has passed between two moments is right though somebody sets the time meanwhile. */
export interface SteadyClock extends Clock {
  /** Milliseconds since some moment. */
  elapsed(): number;
}

/** Milliseconds; Node fires longer timers at once. */
const longestTimer = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: SteadyClock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    for (let left = milliseconds; ; left -= longestTimer) {
      await timer(Math.min(left, longestTimer), signal);
      if (left <= longestTimer) return;
    }
  },
};

function timer(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(running);
      reject(signal?.reason);
    };
    const running = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
