import { setImmediate as turn } from "node:timers/promises";
import type { SteadyClock } from "../../src/util/clock.ts";

/** A clock that goes on only when told to; who sleeps on it wakes in the order of time. */
export interface ManualClock extends SteadyClock {
  /** Lets time pass, and everything happen that happens in it. */
  advance(milliseconds: number): Promise<void>;
}

interface Sleeper {
  at: number;
  wake(): void;
}

export function manualClock(start: string): ManualClock {
  const began = new Date(start).getTime();
  let passed = 0;
  const sleepers = new Set<Sleeper>();
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 5; turns++) await turn();
  };
  return {
    now: () => new Date(began + passed),
    elapsed: () => passed,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: passed + milliseconds,
          wake: () => {
            sleepers.delete(sleeper);
            signal?.removeEventListener("abort", onAbort);
            resolve();
          },
        };
        sleepers.add(sleeper);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
    advance: async (milliseconds) => {
      const end = passed + milliseconds;
      await settle();
      for (;;) {
        const [next] = [...sleepers].filter(({ at }) => at <= end).sort((one, other) => one.at - other.at);
        if (!next) break;
        passed = Math.max(passed, next.at);
        next.wake();
        await settle();
      }
      passed = end;
    },
  };
}
