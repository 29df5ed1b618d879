import type { StreamingConnection } from "../kube/connect.ts";
import type { Cluster } from "../sinks/delivery.ts";
import type { Sink } from "../sinks/sink.ts";
import { checkIdentity } from "../store/check-identity.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { createEnd, type End } from "../util/create-end.ts";
import { KevError, usageError } from "../util/errors.ts";
import { untilAborted } from "../util/until-aborted.ts";
import { combineObservers } from "./combine-observers.ts";
import type { RouteConfig, SinkConfig } from "./config/route-config.ts";
import { type BatchWriter, createBatchWriter } from "./core/batch-writer.ts";
import { createChangeBuffer } from "./core/change-buffer.ts";
import { createIntake, type Intake, type IntakeStep } from "./core/intake.ts";
import { createObjectReader, type ObjectReader } from "./core/object-reader.ts";
import { createDeadLetters } from "./delivery/dead-letters.ts";
import { createDeliverer } from "./delivery/deliver.ts";
import { createSinkQueue, type SinkQueue } from "./delivery/sink-queue.ts";
import type { RouteObserver, RouteStatus } from "./route-observer.ts";
import { createRouter } from "./rules/router.ts";
import type { Router } from "./rules/router-contract.ts";
import { createPatientStore } from "./store/patient-store.ts";
import type { RouteStore, StoreState } from "./store/route-store.ts";

export interface RouteEventsOptions {
  readonly config: RouteConfig;
  /** Default: the config's routes. */
  readonly router?: Router | undefined;
  /** Sink → what sends, for each of the config's sinks. Closed at the end. */
  readonly sinks: ReadonlyMap<string, Sink>;
  /** Closed at the end. */
  readonly store: RouteStore;
  /** Undefined: all namespaces. */
  readonly namespace?: string | undefined;
  /** uid of the cluster's namespace kube-system, where it may be read: the store belongs to it. */
  readonly clusterUid?: string | undefined;
  /** Whether the events that are there at the very first start are left out. Default false. */
  readonly fromNow?: boolean | undefined;
  /** Whether everything is listed at the start, also where a watch could go on: for observers of all events. Default false. */
  readonly listAtStart?: boolean | undefined;
  /** Milliseconds that the server keeps events: its --event-ttl. Default 1 h. */
  readonly eventTtl?: number | undefined;
  /** Sinks that were in the config once, and whose queues are to be given up. */
  readonly forgetSinks?: readonly string[] | undefined;
  /** Milliseconds that sinks are given at the end to take what is queued. Default 5 s. */
  readonly drainTime?: number | undefined;
  /** Default: nobody. */
  readonly observer?: RouteObserver | undefined;
  readonly clock?: Clock | undefined;
  /** 0 ≤ x < 1; default Math.random. */
  readonly random?: (() => number) | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
}

export interface EventRouting {
  /**
   * Routes until the signal aborts.
   *
   * @throws usage error for a store that belongs to another cluster or holds deliveries for a sink that is no more;
   *   the first error of the server that will not mend itself; StoreError that is not retriable
   */
  run(): Promise<void>;
  readonly status: RouteStatus;
}

const hour = 3_600_000;
/** Steps of the server that wait to be stored; what comes with the last of them is one group with it. */
const mostSteps = 500;
/**
 * Milliseconds that a busy watch is left alone, at most: what comes together is read, stored and sent together. 10,000
 * events cost half the time so.
 */
const rest = 200;
/** Milliseconds that sinks may take to close. */
const longestClosing = 5_000;
/** Milliseconds between looks at how far the sinks are. */
const saveEvery = 1_000;

/**
 * Sends each occurrence of each event to the sinks that the routes name: none lost, and none doubled for receivers that
 * know ids, through restarts of either side. RBAC: list and watch on events, get on the objects that routes ask about.
 */
export function createEventRouting(connection: StreamingConnection, options: RouteEventsOptions): EventRouting {
  const { config, store, signal, clock = systemClock, random = Math.random } = options;
  const { router = createRouter(config), observer = combineObservers([]) } = options;
  const objects: ObjectReader = createObjectReader(connection, {
    ...config.objects,
    ...{ namespace: options.namespace, clock, random, observer },
  });
  let intake: Intake | undefined;
  let writer: BatchWriter | undefined;
  let queues: SinkQueue[] = [];

  async function run(): Promise<void> {
    const state = await store.load();
    await adopt(state);
    // The queues are read behind these cursors.
    const { cursors } = await store.load();
    const backlogs = await store.backlog();
    const end = createEnd(signal);
    const patient = (until: AbortSignal): RouteStore =>
      createPatientStore(store, { clock, random, observer, signal: until });
    const readable = patient(end.cut.signal);
    queues = config.sinks.map((sink) =>
      createSinkQueue({
        name: sink.name,
        policy: sink.delivery,
        store: readable,
        clock,
        ...delivererOf(sink),
        cursor: cursors[sink.name] ?? 0,
        lastSequence: state.lastSequence,
        backlog: backlogs.get(sink.name),
      }),
    );
    const { mark, aliveAt } = state.checkpoint;
    const { namespace, fromNow = false, eventTtl = hour, listAtStart = false } = options;
    const started = createIntake(connection, {
      namespace,
      mark,
      aliveAt,
      listAtStart,
      rest,
      clock,
      random,
      observer,
      signal: end.signal,
    });
    const cluster = clusterOf(config.cluster, options.clusterUid);
    const dropping = new Set(
      config.sinks.flatMap(({ name, delivery }) => (delivery.queue.onFull === "drop" ? [name] : [])),
    );
    const { lastSequence, checkpoint } = state;
    const made = createBatchWriter({
      ...{ router, objects, queues, dropping, cluster, fromNow, eventTtl, lastSequence, checkpoint },
      ...{ store: patient(end.signal), clock, observer, signal: end.signal },
    });
    intake = started;
    writer = made;
    await runAll(started, made, end);
  }

  /** What is read, stored and sent at the same time; the first failure ends all of it. */
  async function runAll(from: Intake, to: BatchWriter, end: End): Promise<void> {
    const buffer = createChangeBuffer<IntakeStep>(mostSteps);
    const reading = readInto(buffer, from, end.signal).catch(end.fail).finally(buffer.end);
    const writing = writeFrom(buffer, to).catch(end.fail);
    // What is read may lie in the buffer for long, before a sink that takes nothing.
    const save = () => to.save(buffer.isIdle ? from.aliveAt : undefined);
    const saving = saveRegularly(save, end.signal).catch(end.fail);
    const postponed = new Error("the next run tries it again");
    const runs = queues.map((queue) => {
      const own = new AbortController();
      const sending = queue.run(end.signal, AbortSignal.any([end.cut.signal, own.signal])).catch((error) => {
        if (error !== postponed) end.fail(error);
      });
      return { queue, own, sending };
    });
    await untilAborted(end.signal);
    // Who waits for room in it waits for nobody any more.
    buffer.end();
    for (const { queue, own } of runs) if (store.isKept && queue.status.problem) own.abort(postponed);
    const drained = Promise.all([reading, writing, saving, ...runs.map(({ sending }) => sending)]);
    const drainTime = end.failure ? 0 : (options.drainTime ?? 5_000);
    const over = new AbortController();
    const late = clock.sleep(drainTime, over.signal).then(
      () => end.cut.abort(new Error("the time for the rest is over")),
      () => undefined,
    );
    await drained;
    over.abort();
    await late;
    // What the sinks have taken is theirs, however it ends.
    await save().catch(end.fail);
    if (end.failure) throw end.failure.error;
  }

  function delivererOf(sink: SinkConfig) {
    const { fallback, deadLetters, timeout, retry } = sink.delivery;
    const spare = fallback === undefined ? undefined : config.sinks.find(({ name }) => name === fallback);
    return createDeliverer({
      name: sink.name,
      sink: sinkOf(sink.name),
      policy: { timeout, retry },
      fallback: spare && { name: spare.name, sink: sinkOf(spare.name), timeout: spare.delivery.timeout },
      deadLetters: deadLetters === undefined ? undefined : createDeadLetters(deadLetters, clock),
      ...{ clock, random, observer },
    });
  }

  function sinkOf(name: string): Sink {
    const sink = options.sinks.get(name);
    if (!sink) throw new KevError("failed", `there is no sink "${name}"`);
    return sink;
  }

  /** Makes the store this router's: checks whose it is, and gives every sink a place in its queue. */
  async function adopt({ identity, cursors, lastSequence }: StoreState): Promise<void> {
    const { namespace = "", clusterUid, forgetSinks = [] } = options;
    const own = checkIdentity(identity, { clusterUid, server: connection.server, namespace });
    const names = new Set(config.sinks.map(({ name }) => name));
    const kept = forgetSinks.find((name) => names.has(name));
    if (kept !== undefined) throw usageError(`the sink "${kept}" is in the config, so it is not forgotten`);
    const former = Object.keys(cursors).filter((name) => !names.has(name));
    const backlogs = await store.backlog();
    for (const name of former) {
      const { events = 0 } = backlogs.get(name) ?? {};
      if (events === 0 || forgetSinks.includes(name)) continue;
      throw usageError(`${events} deliveries wait for the sink "${name}", which is not in the config any more`, {
        hint: `put it back until it has taken them, or give them up with --forget-sink ${name}`,
      });
    }
    const added = [...names].filter((name) => !Object.hasOwn(cursors, name));
    await store.commit({
      identity: own,
      removed: former,
      cursors: Object.fromEntries(added.map((name) => [name, lastSequence])),
    });
    for (const name of former) {
      const { events = 0 } = backlogs.get(name) ?? {};
      if (events > 0) observer.dropped(name, events, "sink-forgotten");
    }
  }

  return {
    run: async () => {
      try {
        await run();
      } finally {
        await closeAll([...options.sinks.values()], clock);
        await store.close();
      }
    },
    get status() {
      const at = writer?.checkpointAt;
      return {
        sinks: queues.map(({ status }) => status),
        checkpointAt: at === undefined ? undefined : new Date(at),
        isWatching: intake?.isWatching ?? false,
        objects: objects.status,
      };
    },
  };

  async function saveRegularly(save: () => Promise<void>, ending: AbortSignal): Promise<void> {
    while (!ending.aborted) {
      await clock.sleep(saveEvery, ending).catch(() => undefined);
      await save();
    }
  }
}

/** A client that hangs, or a file on a disk that does, is not waited for: everything that was taken is taken. */
async function closeAll(sinks: readonly Sink[], clock: Clock): Promise<void> {
  const done = new AbortController();
  void Promise.allSettled(sinks.map((sink) => sink.close())).then(() => done.abort());
  await clock.sleep(longestClosing, done.signal).catch(() => undefined);
}

async function readInto(
  buffer: ReturnType<typeof createChangeBuffer<IntakeStep>>,
  intake: Intake,
  ending: AbortSignal,
): Promise<void> {
  for await (const steps of intake.steps()) {
    await buffer.push(steps);
    if (ending.aborted) return;
  }
}

async function writeFrom(
  buffer: ReturnType<typeof createChangeBuffer<IntakeStep>>,
  writer: BatchWriter,
): Promise<void> {
  for (let steps = await buffer.take(); steps; steps = await buffer.take()) await writer.write(steps);
}

function clusterOf(name: string | undefined, uid: string | undefined): Cluster | undefined {
  if (name === undefined && uid === undefined) return undefined;
  return { ...(name !== undefined && { name }), ...(uid !== undefined && { uid }) };
}
