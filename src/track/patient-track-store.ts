import type { Patience } from "../store/patience.ts";
import type { TrackStore } from "./track-store.ts";

/** A store whose calls are tried until they work. */
export function createPatientTrackStore(store: TrackStore, tried: Patience): TrackStore {
  return {
    isKept: store.isKept,
    load: () => tried(() => store.load()),
    commit: (change) => tried(() => store.commit(change)),
    known: (type, uid) => tried(() => store.known(type, uid)),
    uidsAfter: (type, after, limit) => tried(() => store.uidsAfter(type, after, limit)),
    due: (times, limit) => tried(() => store.due(times, limit)),
    groups: () => tried(() => store.groups()),
    outbox: (after, limit) => tried(() => store.outbox(after, limit)),
    waiting: () => tried(() => store.waiting()),
    close: () => store.close(),
  };
}
