import { randomBytes } from "node:crypto";
import type { KubeEvent } from "../events/event.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { checkIdentity } from "../store/check-identity.ts";
import { createPatience, type Patience } from "../store/patience.ts";
import type { StoreError } from "../store/store-error.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { createEnd, type End } from "../util/create-end.ts";
import { usageError } from "../util/errors.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { type ChangeLog, createChangeLog } from "./change-log.ts";
import { createGroupCloser, type GroupCloser } from "./group-closer.ts";
import { isMadeSince } from "./made-since.ts";
import { createOutboxSender, type OutboxSender } from "./outbox-sender.ts";
import { parsePathPattern } from "./path-pattern.ts";
import { createPatientTrackStore } from "./patient-track-store.ts";
import {
  type ChangeVerb,
  changeVerbs,
  combineTrackObservers,
  type TrackObserver,
  type TrackStatus,
} from "./track-observer.ts";
import { createTrackRules } from "./track-rules.ts";
import type { TrackState, TrackStore } from "./track-store.ts";
import type { TrackedType } from "./tracked-types.ts";
import { createTypeIntake, type TypeIntake } from "./type-intake.ts";
import { createVisibility, type VisibilityOptions, visibilityText } from "./visibility.ts";

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
  /** Told of each event that the server has stored; what it returns is waited for before the next is sent. */
  readonly onEvent?: ((event: KubeEvent) => unknown) | undefined;
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

/** What works together in one run. */
interface Parts {
  readonly log: ChangeLog;
  readonly sender: OutboxSender;
  readonly closer: GroupCloser;
  readonly end: End;
}

/** Milliseconds between stores of how far a type is that has not changed. */
const saveEvery = 1_000;

/**
 * Writes an event on each object of these types that is made, changed or deleted: none lost and none doubled, through
 * restarts of either side. What is there at the very first start is where it begins. RBAC: list and watch on the types,
 * create on events.
 */
export function createObjectTracking(connection: StreamingConnection, options: TrackObjectsOptions): ObjectTracking {
  const {
    types,
    store,
    signal,
    clock = systemClock,
    random = Math.random,
    debounce = 2_000,
    showValues = [],
  } = options;
  const observer = options.observer ?? combineTrackObservers([]);
  const visibility = visibilityText(options);
  // A path that is none is said before anything runs.
  createVisibility(visibility);
  showValues.forEach(parsePathPattern);
  let intakes: { readonly name: string; readonly intake: TypeIntake }[] = [];

  async function run(): Promise<void> {
    const state = await store.load();
    const { visibilities, hashKey } = await adopt(state);
    const end = createEnd(signal);
    const patient = createPatientTrackStore(store, patienceUntil(end.cut.signal));
    const log = createChangeLog({
      store: patient,
      rules: createTrackRules({
        ...{ types, debounce, visibilities, visibility, hashKey },
        showValues,
        ignoreManagers: options.ignoreManagers ?? [],
      }),
      verbs: new Set(options.verbs ?? changeVerbs),
      component: options.component ?? "kev-track",
      instance: options.instance,
      isMade: options.selector === undefined ? () => true : isMadeSince,
      marks: state.marks,
      followedAt: state.followedAt,
      lastSequence: state.lastSequence,
      clock,
      observer,
    });
    const sender = createOutboxSender(connection, {
      store: patient,
      onEvent: options.onEvent ?? (() => undefined),
      ...{ clock, random, observer },
    });
    const closer = createGroupCloser({ log, debounce, clock, onClosed: sender.wake });
    intakes = types.map((tracked) => {
      const { namespace, selector } = options;
      const mark = state.marks[tracked.name];
      const missing = () => log.missing(tracked.name);
      const one = { tracked, namespace, selector, mark, missing, clock, random, observer, signal: end.signal };
      return { name: tracked.name, intake: createTypeIntake(connection, one) };
    });
    await runAll({ log, sender, closer, end });
  }

  /** What is read, gathered and written at the same time; the first failure ends all of it. */
  async function runAll({ log, sender, closer, end }: Parts): Promise<void> {
    const reading = intakes.map(({ name, intake }) =>
      (async () => {
        for await (const steps of intake.steps()) {
          await log.take(name, steps);
          closer.wake();
          sender.wake();
          if (end.signal.aborted) return;
        }
      })().catch(end.fail),
    );
    const closing = closer.run(end.signal).catch(end.fail);
    const saving = saveRegularly(log, end.signal).catch(end.fail);
    const sent = new AbortController();
    const sending = sender.run(sent.signal, end.cut.signal).catch(end.fail);
    await untilAborted(end.signal);
    const over = new AbortController();
    const late = clock.sleep(end.failure ? 0 : (options.drainTime ?? 5_000), over.signal).then(
      () => end.cut.abort(new Error("the time for the rest is over")),
      () => undefined,
    );
    await Promise.all([...reading, closing, saving]);
    // Who looks for an event of what they have just done finds it; what cannot be written now is in the state.
    if (!end.failure) await log.closeDue({ until: Number.MAX_SAFE_INTEGER }).catch(end.fail);
    sender.wake();
    sent.abort();
    await sending;
    over.abort();
    await late;
    await log.save({ isEnd: true }).catch(end.fail);
    if (!store.isKept) await tellLost();
    if (end.failure) throw end.failure.error;
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

  function patienceUntil(until: AbortSignal): Patience {
    const onFailure = (error: StoreError, retryIn: number): void => observer.notStored(error, retryIn);
    return createPatience({ clock, random, signal: until, onFailure });
  }

  async function saveRegularly(log: ChangeLog, until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await clock.sleep(saveEvery, until).catch(() => undefined);
      // Without a selector nothing has to be known of when.
      const followed = options.selector === undefined ? [] : intakes.filter(({ intake }) => intake.isWatching);
      await log.save({ followed: followed.map(({ name }) => name) });
    }
  }

  async function counts() {
    const [{ count: pending }, { count: waiting, oldestAt }] = await Promise.all([store.groups(), store.waiting()]);
    return { pending, waiting, oldestAt: oldestAt === undefined ? undefined : new Date(oldestAt) };
  }

  async function tellLost(): Promise<void> {
    const { pending, waiting } = await counts();
    if (pending + waiting > 0) observer.lost(pending + waiting);
  }

  return {
    run: async () => {
      try {
        await run();
      } finally {
        await store.close();
      }
    },
    status: async () => ({
      types: types.map(({ name: type }) => {
        const { isListed = false, isWatching = false } = intakes.find(({ name }) => name === type)?.intake ?? {};
        return { type, isListed, isWatching };
      }),
      ...(await counts()),
    }),
  };
}
