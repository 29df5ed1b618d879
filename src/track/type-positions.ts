import type { TrackChange, TrackState } from "./track-store.ts";

/** How far each type is: what the store knows of it, and what it is to know. */
export interface TypePositions {
  /** False before the first list. */
  isBegun(type: string): boolean;
  /** When the type was followed last without a gap: milliseconds since 1970. */
  followedAt(type: string): number | undefined;
  /** Everything up to the mark is taken in. */
  move(type: string, mark: string, now: number): void;
  /** These are followed without a gap at this moment. */
  follow(types: readonly string[], now: number): void;
  /** Whether there is something to store. @param isEnd whether it is the last time, when seconds count */
  isStale(isEnd: boolean): boolean;
  /** Stores all of it with what `write` writes. */
  store(write: (positions: Pick<TrackChange, "marks" | "followedAt">) => Promise<void>): Promise<void>;
}

/** Milliseconds between stores of when a type was followed that nothing happens to. */
const followedEvery = 60_000;

export function createTypePositions(state: Pick<TrackState, "marks" | "followedAt">): TypePositions {
  const begun = new Set(Object.keys(state.marks));
  /** Marks that have moved since they were stored. */
  const moved = new Map<string, string>();
  const followed = new Map(Object.entries(state.followedAt));
  let stored = state.followedAt;
  return {
    isBegun: (type) => begun.has(type),
    followedAt: (type) => followed.get(type),
    move: (type, mark, now) => {
      begun.add(type);
      moved.set(type, mark);
      followed.set(type, now);
    },
    follow: (types, now) => {
      for (const type of types) followed.set(type, now);
    },
    isStale: (isEnd) => {
      const isApart = ([type, at]: [string, number]): boolean => {
        const apart = Math.abs(at - (stored[type] ?? 0));
        return isEnd ? apart > 0 : apart >= followedEvery;
      };
      return moved.size > 0 || [...followed].some(isApart);
    },
    store: async (write) => {
      const [marks, followedAt] = [Object.fromEntries(moved), Object.fromEntries(followed)];
      await write({ marks, followedAt });
      stored = followedAt;
      for (const [type, mark] of Object.entries(marks)) if (moved.get(type) === mark) moved.delete(type);
    },
  };
}
