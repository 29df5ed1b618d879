import type { Clock } from "../util/clock.ts";
import { createAlarm } from "./alarm.ts";
import type { ChangeLog } from "./change-log.ts";

export interface GroupCloserOptions {
  readonly log: Pick<ChangeLog, "closeDue">;
  /** Milliseconds in which changes of an object become one event. */
  readonly debounce: number;
  /** Told when groups may have become events. */
  readonly onClosed: () => void;
  readonly clock: Clock;
}

/** Makes the groups of changes into events when they are due. */
export interface GroupCloser {
  /** Says that there may be a new group. */
  wake(): void;
  run(until: AbortSignal): Promise<void>;
}

/** Milliseconds. */
const longestPause = 60_000;

export function createGroupCloser({ log, debounce, onClosed, clock }: GroupCloserOptions): GroupCloser {
  const alarm = createAlarm(clock);
  return {
    wake: alarm.ring,
    run: async (until) => {
      while (!until.aborted) {
        alarm.quiet();
        const now = clock.now().getTime();
        // No group waits for longer than the debounce: what does was seen before the clock was set back.
        const nextAt = await log.closeDue({ until: now, beyond: now + debounce });
        onClosed();
        await alarm.pause(nextAt === undefined ? longestPause : nextAt - clock.now().getTime(), [until]);
      }
    },
  };
}
