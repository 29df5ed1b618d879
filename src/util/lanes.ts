/** A place among those that work at the same time. */
export interface Slot {
  /** Gives the place to others until `waiting` is settled, then waits for another one. */
  away<T>(waiting: () => Promise<T>): Promise<T>;
}

/** Work of which some must be done in order, and not too much at once. */
export interface Lanes {
  /** Runs `task` after all that was given to the same lane before, however that ended. Comes to what `task` comes to. */
  run<T>(lane: string, task: (slot: Slot) => Promise<T>): Promise<T>;
}

/** @param width tasks under way at the same time, of all lanes */
export function createLanes(width: number): Lanes {
  const ends = new Map<string, Promise<void>>();
  const waiting: (() => void)[] = [];
  let free = width;
  const enter = async (): Promise<void> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  const slot: Slot = {
    away: async (wait) => {
      leave();
      try {
        return await wait();
      } finally {
        await enter();
      }
    },
  };
  return {
    run: (lane, task) => {
      const done = (ends.get(lane) ?? Promise.resolve()).then(async () => {
        await enter();
        try {
          return await task(slot);
        } finally {
          leave();
        }
      });
      const end = done.then(nothing, nothing).then(() => {
        if (ends.get(lane) === end) ends.delete(lane);
      });
      ends.set(lane, end);
      return done;
    },
  };
}

const nothing = (): void => undefined;
