import type { Clock } from "../../src/util/clock.ts";

/** A clock that stands still until somebody sleeps on it; sleeping takes no time. */
export interface FakeClock extends Clock {
  /** The milliseconds of each sleep. */
  readonly slept: number[];
}

export function fakeClock(start: string): FakeClock {
  let now = new Date(start).getTime();
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}
