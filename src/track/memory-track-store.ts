import type { KnownObject, OutboxEntry, TrackState, TrackStore } from "./track-store.ts";

/** A store that is forgotten with the process. */
export function createMemoryTrackStore(): TrackStore {
  const types = new Map<string, Map<string, KnownObject>>();
  const outbox = new Map<number, OutboxEntry>();
  /** None of the outbox is before it. */
  let first = 1;
  let state: TrackState = {
    ...{ identity: undefined, marks: {}, followedAt: {}, visibilities: [], hashKey: undefined, lastSequence: 0 },
  };

  const withGroup = (): KnownObject[] =>
    [...types.values()].flatMap((objects) => [...objects.values()]).filter(({ group }) => group !== undefined);
  const dueAt = ({ group }: KnownObject): number => group?.dueAt ?? 0;

  return {
    isKept: false,
    load: async () => state,
    commit: async (change) => {
      for (const object of change.known ?? []) {
        const objects = types.get(object.type) ?? new Map<string, KnownObject>();
        types.set(object.type, objects.set(object.uid, object));
      }
      for (const { type, uid } of change.forgotten ?? []) types.get(type)?.delete(uid);
      for (const entry of change.queued ?? []) outbox.set(entry.sequence, entry);
      for (const sequence of change.sent ?? []) outbox.delete(sequence);
      state = {
        identity: change.identity ?? state.identity,
        marks: { ...state.marks, ...change.marks },
        followedAt: change.followedAt ?? state.followedAt,
        visibilities: change.visibilities ?? state.visibilities,
        hashKey: change.hashKey ?? state.hashKey,
        lastSequence: change.queued?.at(-1)?.sequence ?? state.lastSequence,
      };
    },
    known: async (type, uid) => types.get(type)?.get(uid),
    uidsAfter: async (type, after, limit) =>
      [...(types.get(type)?.keys() ?? [])]
        .filter((uid) => uid > after)
        .sort()
        .slice(0, limit),
    due: async ({ until, beyond = Number.MAX_SAFE_INTEGER }, limit) =>
      withGroup()
        .filter((object) => dueAt(object) <= until || dueAt(object) > beyond)
        .sort((one, other) => dueAt(one) - dueAt(other))
        .slice(0, limit),
    groups: async () => {
      const times = withGroup().map(dueAt);
      return { count: times.length, firstDueAt: firstOf(times) };
    },
    outbox: async (after, limit) => {
      const found: OutboxEntry[] = [];
      while (first <= state.lastSequence && !outbox.has(first)) first++;
      for (let next = Math.max(after + 1, first); next <= state.lastSequence && found.length < limit; next++) {
        const entry = outbox.get(next);
        if (entry) found.push(entry);
      }
      return found;
    },
    waiting: async () => {
      const times = [...outbox.values()].map(({ seenAt }) => seenAt);
      return { count: times.length, oldestAt: firstOf(times) };
    },
    close: async () => undefined,
  };
}

/** Not Math.min(...times): they may be more than arguments may be. */
function firstOf(times: readonly number[]): number | undefined {
  return times.reduce<number | undefined>((least, time) => Math.min(least ?? time, time), undefined);
}
