import type { SteadyClock } from "../../src/util/clock.ts";

/** A clock that stands still until somebody sleeps on it; sleeping takes no time. */
export interface FakeClock extends SteadyClock {
  /** The milliseconds of each sleep. */
  readonly slept: number[];
}

export function fakeClock(start: string): FakeClock {
  const began = new Date(start).getTime();
  let now = began;
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date(now),
    elapsed: () => now - began,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}

/** A clock that the test moves, for what sleeps beside each other. */
export interface HandClock extends SteadyClock {
  /** Milliseconds that each sleeper still sleeps, the shortest first. */
  readonly sleeping: readonly number[];
  /** Moves the time on. Who wakes meanwhile does so in turn, at their own time, and is given time to do what they do. */
  advance(milliseconds: number): Promise<void>;
}

export function handClock(start: string): HandClock {
  const began = new Date(start).getTime();
  let now = began;
  let sleepers: { until: number; wake: () => void }[] = [];
  const byTime = () => [...sleepers].sort((a, b) => a.until - b.until);
  return {
    now: () => new Date(now),
    elapsed: () => now - began,
    get sleeping() {
      return byTime().map(({ until }) => until - now);
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const sleeper = { until: now + milliseconds, wake: () => leave(resolve) };
        const onAbort = (): void => leave(() => reject(signal?.reason));
        const leave = (how: () => void): void => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          signal?.removeEventListener("abort", onAbort);
          how();
        };
        sleepers.push(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    advance: async (milliseconds) => {
      const end = now + milliseconds;
      await settled();
      for (let [next] = byTime(); next && next.until <= end; [next] = byTime()) {
        now = next.until;
        next.wake();
        await settled();
      }
      now = end;
    },
  };
}

/** Resolves when everything that waits for nothing but promises is done. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}
