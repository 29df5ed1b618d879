import { createRetryDelays } from "../../kube/list-watch/retry-delays.ts";
import type { Clock } from "../../util/clock.ts";
import type { RouteObserver } from "../route-observer.ts";
import type { RouteStore } from "./route-store.ts";
import { StoreError } from "./store-error.ts";

export interface PatientStoreOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<RouteObserver, "notStored">;
  /** Ends the waiting, with its reason. */
  readonly signal: AbortSignal;
}

/** The store, each call of which is tried until it works: a full disk, or a database that is away, is waited for. */
export function createPatientStore(store: RouteStore, options: PatientStoreOptions): RouteStore {
  const { clock, random, observer, signal } = options;

  async function tried<T>(run: () => Promise<T>): Promise<T> {
    const delays = createRetryDelays(random);
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof StoreError) || !error.retriable) throw error;
        const retryIn = delays.next();
        observer.notStored(error, retryIn);
        await clock.sleep(retryIn, signal);
      }
    }
  }

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
