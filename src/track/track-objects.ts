import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { KubeEvent, KubeObject } from "../events/event.ts";
import { referenceTo } from "../events/object-reference.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { checkIdentity } from "../store/check-identity.ts";
import { createPatience } from "../store/patience.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { KevError, usageError } from "../util/errors.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { type ChangeLog, createChangeLog } from "./change-log.ts";
import { createHide } from "./hidden-value.ts";
import { createOutboxSender, type OutboxSender } from "./outbox-sender.ts";
import { parsePathPattern } from "./path-pattern.ts";
import type { ChangeRules } from "./take-change.ts";
import { type ChangeVerb, combineTrackObservers, type TrackObserver, type TrackStatus } from "./track-observer.ts";
import type { TrackState, TrackStore } from "./track-store.ts";
import type { TrackedType } from "./tracked-types.ts";
import { trimObject } from "./trimmed-object.ts";
import { createTypeIntake, type TypeIntake } from "./type-intake.ts";
import { createVisibility, type Visibility, type VisibilityOptions, visibilityText } from "./visibility.ts";
import { managedEntries } from "./who-changed.ts";

export interface TrackObjectsOptions extends VisibilityOptions {
  readonly types: readonly TrackedType[];
  /** Undefined: all namespaces. */
  readonly namespace?: string | undefined;
  /** Label selector, as the API takes it. */
  readonly selector?: string | undefined;
  /** Paths whose values are shown though they usually are not: of ConfigMaps' data, env, args, commands. Never of Secrets. */
  readonly showValues?: readonly string[] | undefined;
  /** Managers whose changes are left out where they made them alone; kev's own always are. */
  readonly ignoreManagers?: readonly string[] | undefined;
  /** What is written of. Default: created, changed and deleted. */
  readonly verbs?: readonly ChangeVerb[] | undefined;
  /** Milliseconds in which changes of an object become one event. Default 2 s. */
  readonly debounce?: number | undefined;
  /** Closed at the end. */
  readonly store: TrackStore;
  /** uid of the cluster's namespace kube-system, where it may be read: the store belongs to it. */
  readonly clusterUid?: string | undefined;
  /** Who the events are from. Default `kev-track`. */
  readonly component?: string | undefined;
  /** Which one of them, a host's name; at most 128 bytes. */
  readonly instance: string;
  /** Told of each event that the server has stored. */
  readonly onEvent?: ((event: KubeEvent) => void) | undefined;
  /** Milliseconds that are given at the end to write what is found. Default 5 s. */
  readonly drainTime?: number | undefined;
  /** Default: nobody. */
  readonly observer?: TrackObserver | undefined;
  readonly clock?: Clock | undefined;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: (() => number) | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface ObjectTracking {
  /**
   * Tracks until the signal aborts.
   *
   * @throws usage error for a store that belongs to other objects; the first error of the server that will not mend itself;
   *   StoreError that is not retriable
   */
  run(): Promise<void>;
  /** How it stands; asked of the store. */
  status(): Promise<TrackStatus>;
}

/** kev's own programs. */
const own: readonly string[] = ["kev", "kev-gate", "kev-track"];
/** Milliseconds between stores of how far a type is that has not changed. */
const saveEvery = 1_000;

/**
 * Writes an event on each object of these types that is made, changed or deleted: none lost and none doubled, through
 * restarts of either side. What is there at the very first start is where it begins. RBAC: list and watch on the types,
 * create on events.
 */
export function createObjectTracking(connection: StreamingConnection, options: TrackObjectsOptions): ObjectTracking {
  const { types, store, signal, clock = systemClock, random = Math.random } = options;
  const observer = options.observer ?? combineTrackObservers([]);
  const ignored = new Set([...own, ...(options.ignoreManagers ?? [])]);
  const shown = (options.showValues ?? []).map(parsePathPattern);
  const visibility = visibilityText(options);
  createVisibility(visibility);
  let intakes: { readonly name: string; readonly intake: TypeIntake }[] = [];

  async function run(): Promise<void> {
    const state = await store.load();
    const { visibilities, hashKey } = await adopt(state);
    const ended = new AbortController();
    const [ending, cut] = [AbortSignal.any([signal, ended.signal]), new AbortController()];
    setMaxListeners(0, ending, cut.signal);
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown): void => {
      if ([ending, cut.signal].some(({ aborted, reason }) => aborted && error === reason)) return;
      failure ??= { error };
      ended.abort(error);
    };
    const patient = patientStore(cut.signal);
    const log = createChangeLog({
      store: patient,
      rules: rulesOf(visibilities, hashKey),
      verbs: new Set(options.verbs ?? ["created", "changed", "deleted"]),
      component: options.component ?? "kev-track",
      instance: options.instance,
      isMade: options.selector === undefined ? () => true : isUntouched,
      marks: state.marks,
      lastSequence: state.lastSequence,
      clock,
      observer,
    });
    const sender = createOutboxSender(connection, {
      store: patient,
      onEvent: options.onEvent ?? (() => undefined),
      ...{ clock, random, observer },
    });
    const closer = createCloser(log, sender);
    intakes = types.map((tracked) => {
      const { namespace, selector } = options;
      const mark = state.marks[tracked.name];
      const missing = () => log.missing(tracked.name);
      const one = { tracked, namespace, selector, mark, missing, clock, random, observer, signal: ending };
      return { name: tracked.name, intake: createTypeIntake(connection, one) };
    });
    const reading = intakes.map(({ name, intake }) =>
      (async () => {
        for await (const steps of intake.steps()) {
          await log.take(name, steps);
          closer.wake();
          sender.wake();
          if (ending.aborted) return;
        }
      })().catch(fail),
    );
    const closing = closer.run(ending).catch(fail);
    const saving = saveRegularly(log, ending).catch(fail);
    const sent = new AbortController();
    const sending = sender.run(sent.signal, cut.signal).catch(fail);
    await untilAborted(ending);
    const over = new AbortController();
    const late = clock.sleep(failure ? 0 : (options.drainTime ?? 5_000), over.signal).then(
      () => cut.abort(new Error("the time for the rest is over")),
      () => undefined,
    );
    await Promise.all([...reading, closing, saving]);
    // Who looks for an event of what they have just done finds it; what cannot be written now is in the state.
    if (!failure) await log.closeDue(Number.MAX_SAFE_INTEGER).catch(fail);
    sender.wake();
    sent.abort();
    await sending;
    over.abort();
    await late;
    await log.save().catch(fail);
    if (!store.isKept) await tellLost();
    if (failure) throw failure.error;
  }

  /** Makes the store this tracker's: checks whose it is. */
  async function adopt({ identity, visibilities, hashKey }: TrackState) {
    const { namespace = "", clusterUid, selector = "" } = options;
    const scope = checkIdentity(identity, { clusterUid, server: connection.server, namespace }, "objects");
    if (identity && identity.selector !== selector) {
      const what = identity.selector === "" ? "all objects" : `the objects with ${identity.selector}`;
      throw usageError(`the state is about ${what}`, { hint: "--state names another one" });
    }
    const all = visibilities.includes(visibility) ? visibilities : [...visibilities, visibility];
    const key = hashKey ?? randomBytes(32).toString("hex");
    await store.commit({ identity: { ...scope, selector }, visibilities: all, hashKey: key });
    return { visibilities: all, hashKey: key };
  }

  function rulesOf(visibilities: readonly string[], hashKey: string): ChangeRules {
    const made = visibilities.map(createVisibility);
    const number = visibilities.indexOf(visibility);
    const of = (index: number): Visibility => made[index] ?? (() => false);
    const trim = {
      isVisible: of(number),
      isShown: (path: Parameters<Visibility>[0]) => shown.some((one) => one.covers(path)),
      hashKey,
    };
    return {
      keep: (object) => ({ object: trimObject(object, trim), visibility: number }),
      hide: (uid) => createHide(hashKey, uid),
      visibility: of,
      referenceTo: referenceOf,
      isIgnored: (manager) => ignored.has(manager),
      debounce: options.debounce ?? 2_000,
    };
  }

  function referenceOf(name: string, object: KubeObject) {
    const tracked = types.find((one) => one.name === name);
    if (!tracked) throw new KevError("failed", `${name} are not tracked`);
    const { apiVersion, type } = tracked;
    return referenceTo({ apiVersion, kind: type.kind, namespaced: type.namespaced }, object);
  }

  function patientStore(until: AbortSignal): TrackStore {
    const tried = createPatience({
      ...{ clock, random, signal: until },
      onFailure: (error, retryIn) => observer.notStored(error, retryIn),
    });
    return {
      isKept: store.isKept,
      load: () => tried(() => store.load()),
      commit: (change) => tried(() => store.commit(change)),
      known: (type, uid) => tried(() => store.known(type, uid)),
      uidsAfter: (type, after, limit) => tried(() => store.uidsAfter(type, after, limit)),
      due: (at, limit) => tried(() => store.due(at, limit)),
      groups: () => tried(() => store.groups()),
      outbox: (after, limit) => tried(() => store.outbox(after, limit)),
      waiting: () => tried(() => store.waiting()),
      close: () => store.close(),
    };
  }

  function createCloser(log: ChangeLog, sender: OutboxSender) {
    let hasNews = false;
    let wakeUp = (): void => undefined;
    return {
      wake: () => {
        hasNews = true;
        wakeUp();
      },
      run: async (until: AbortSignal) => {
        while (!until.aborted) {
          hasNews = false;
          const now = clock.now().getTime();
          const next = await log.closeDue(now);
          sender.wake();
          if (hasNews) continue;
          const over = new AbortController();
          wakeUp = () => over.abort();
          const pause = next === undefined ? saveEvery * 60 : Math.max(0, next - clock.now().getTime());
          await clock.sleep(pause, AbortSignal.any([over.signal, until])).catch(() => undefined);
        }
      },
    };
  }

  async function saveRegularly(log: ChangeLog, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await clock.sleep(saveEvery, until).catch(() => undefined);
      await log.save();
    }
  }

  async function tellLost(): Promise<void> {
    const { count } = await store.waiting();
    if (count > 0) observer.lost(count);
  }

  return {
    run: async () => {
      try {
        await run();
      } finally {
        await store.close();
      }
    },
    status: async () => {
      const [{ count: pending }, { count: waiting, oldestAt }] = await Promise.all([store.groups(), store.waiting()]);
      return {
        types: types.map(({ name: type }) => {
          const { isListed = false, isWatching = false } = intakes.find(({ name }) => name === type)?.intake ?? {};
          return { type, isListed, isWatching };
        }),
        ...{ pending, waiting },
        oldestAt: oldestAt === undefined ? undefined : new Date(oldestAt),
      };
    },
  };
}

/**
 * True for what nobody has written to since it was made: under a selector an object may come in because its labels have
 * changed, and was not made then.
 */
function isUntouched(object: KubeObject): boolean {
  const { creationTimestamp = "" } = object.metadata;
  const entries = managedEntries(object);
  // Of one without any the server keeps no account: it may have come in as well as have been made.
  return (
    entries.length > 0 &&
    entries.every(({ time, subresource }) => subresource === "status" || time <= creationTimestamp)
  );
}
