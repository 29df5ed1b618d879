import type { Clock } from "../util/clock.ts";

/** Wakes a loop that has nothing to do. */
export interface Alarm {
  /** Something is new: the pause under way ends, or the next does not begin. */
  ring(): void;
  /** What is new so far is looked at now. */
  quiet(): void;
  /** Until it rings, a signal aborts, or as long. */
  pause(milliseconds: number, signals: readonly AbortSignal[]): Promise<void>;
}

export function createAlarm(clock: Pick<Clock, "sleep">): Alarm {
  let hasNews = false;
  let wakeUp = (): void => undefined;
  return {
    ring: () => {
      hasNews = true;
      wakeUp();
    },
    quiet: () => {
      hasNews = false;
    },
    pause: async (milliseconds, signals) => {
      if (hasNews || signals.some(({ aborted }) => aborted)) return;
      const over = new AbortController();
      wakeUp = () => over.abort();
      // Not AbortSignal.any: on Node 20 each one stays with a signal that lives on.
      for (const signal of signals) signal.addEventListener("abort", wakeUp, { once: true });
      await clock.sleep(Math.max(0, milliseconds), over.signal).catch(() => undefined);
      for (const signal of signals) signal.removeEventListener("abort", wakeUp);
    },
  };
}
