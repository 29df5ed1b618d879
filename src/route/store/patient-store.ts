import { createPatience } from "../../store/patience.ts";
import type { Clock } from "../../util/clock.ts";
import type { RouteObserver } from "../route-observer.ts";
import type { RouteStore } from "./route-store.ts";

export interface PatientStoreOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<RouteObserver, "notStored">;
  /** Ends the waiting, with its reason. */
  readonly signal: AbortSignal;
}

/** The store, each call of which is tried until it works: a full disk, or a database that is away, is waited for. */
export function createPatientStore(store: RouteStore, options: PatientStoreOptions): RouteStore {
  const { observer } = options;
  const tried = createPatience({ ...options, onFailure: (error, retryIn) => observer.notStored(error, retryIn) });
  return {
    isKept: store.isKept,
    load: () => tried(() => store.load()),
    commit: (change) => tried(() => store.commit(change)),
    known: (uids) => tried(() => store.known(uids)),
    knownAfter: (after, limit) => tried(() => store.knownAfter(after, limit)),
    repeat: (uid, route) => tried(() => store.repeat(uid, route)),
    queued: (sink, after, limit) => tried(() => store.queued(sink, after, limit)),
    backlog: () => tried(() => store.backlog()),
    close: () => store.close(),
  };
}
