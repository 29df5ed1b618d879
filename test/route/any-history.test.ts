import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { createBatchWriter } from "../../src/route/core/batch-writer.ts";
import type { IntakeStep } from "../../src/route/core/intake.ts";
import { createDeliverer } from "../../src/route/delivery/deliver.ts";
import { createSinkQueue, type SinkQueue } from "../../src/route/delivery/sink-queue.ts";
import type { Target } from "../../src/route/rules/router-contract.ts";
import { createMemoryStore } from "../../src/route/store/memory-store.ts";
import { createPatientStore } from "../../src/route/store/patient-store.ts";
import type { RouteStore } from "../../src/route/store/route-store.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { SendError } from "../../src/sinks/send-error.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { Clock } from "../../src/util/clock.ts";
import { settled } from "../support/fake-clock.ts";
import { recordingObserver } from "../support/recording-observer.ts";
import { createEventServer, type EventServer } from "./event-server.ts";

jest.setTimeout(120_000);

/** What happens, one after the other; sinks send beside it. */
type Deed =
  | { do: "happen"; name: string; times: number }
  | { do: "remove"; name: string }
  | { do: "compact" }
  | { do: "save" }
  | { do: "crash" }
  | { do: "full disk" }
  /** Takes so many steps in, as one group; killed after so many turns where it says so. */
  | { do: "take"; steps: number; killedAfter: number | undefined }
  | { do: "wait"; turns: number };

/** What a sink does to the next batch. */
type Answer = "takes it" | "fails" | "takes it and fails" | "refuses one" | "refuses all" | "hangs";

const name = fc.constantFrom("a", "b", "c", "d", "e");
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("happen" as const), name, times: fc.integer({ min: 0, max: 3 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
  {
    weight: 4,
    arbitrary: fc.constantFrom<Deed>({ do: "compact" }, { do: "save" }, { do: "crash" }, { do: "full disk" }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("take" as const),
      steps: fc.integer({ min: 1, max: 6 }),
      killedAfter: fc.option(fc.integer({ min: 0, max: 25 }), { freq: 3, nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), turns: fc.integer({ min: 1, max: 3 }) }) },
);
const answers: fc.Arbitrary<Answer[]> = fc.array(
  fc.constantFrom<Answer>("takes it", "fails", "takes it and fails", "refuses one", "refuses all", "hangs"),
  { maxLength: 12 },
);

/** A receiver, which outlives the routers. */
interface Receiver {
  /** What it took, in order, repeated ones too. */
  readonly taken: Delivery[];
  /** What was set aside. */
  readonly dead: Delivery[];
  readonly answers: Answer[];
}

function sinkOf({ taken, answers }: Receiver): Pick<Sink, "send"> {
  return {
    send: async (batch, signal) => {
      signal.throwIfAborted();
      const answer = answers.shift() ?? "takes it";
      if (answer === "hangs") for (let left = 60; left > 0 && !signal.aborted; left--) await turn();
      signal.throwIfAborted();
      if (answer === "fails") throw new SendError("busy", { retriable: true });
      if (answer === "refuses all") throw new SendError("malformed", { retriable: false });
      const refused = answer === "refuses one" ? batch.slice(0, 1) : [];
      taken.push(...batch.slice(refused.length));
      if (answer === "takes it and fails") throw new SendError("the answer was lost", { retriable: true });
      return { refused: refused.map((delivery) => ({ delivery, reason: "too long" })) };
    },
  };
}

/** Which sinks there are, and what each gets of repeats. */
const targets: readonly Target[] = [
  { sink: "all", repeats: "all", route: "all" },
  { sink: "slow", repeats: "all", route: "all" },
  { sink: "first", repeats: "first", route: "first" },
  { sink: "some", repeats: { every: 5_000 }, route: "some" },
];

interface World {
  readonly server: EventServer;
  readonly store: RouteStore;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly clock: Clock;
  /** Writes of the state that will fail first. */
  fullDisk: number;
}

/** One process: everything that is lost when it is killed. */
interface Process {
  take(steps: number): Promise<void>;
  save(): Promise<void>;
  readonly isIdle: boolean;
  kill(): void;
}

async function startProcess(world: World): Promise<Process> {
  const { server, clock, receivers } = world;
  const killed = new AbortController();
  const store = createPatientStore(mortalStore(world, killed.signal), {
    clock,
    random: () => 0,
    observer: recordingObserver(),
    signal: killed.signal,
  });
  const { checkpoint, cursors, lastSequence } = await store.load();
  const backlogs = await store.backlog();
  const observer = recordingObserver();
  const queues: SinkQueue[] = [...receivers].map(([sink, receiver]) =>
    createSinkQueue({
      name: sink,
      policy: { batch: { events: 3, bytes: 1e6, wait: 10 }, queue: { events: 5, bytes: 1e6, onFull: "wait" } },
      store,
      clock,
      ...createDeliverer({
        name: sink,
        sink: sinkOf(receiver),
        policy: { timeout: 60_000, retry: { first: 10, longest: 100, giveUpAfter: undefined } },
        fallback: undefined,
        deadLetters: {
          file: "dead.jsonl",
          add: async (_sink, refusals) => void receiver.dead.push(...refusals.map(({ delivery }) => delivery)),
        },
        ...{ clock, random: () => 0, observer },
      }),
      cursor: cursors[sink] ?? 0,
      lastSequence,
      backlog: backlogs.get(sink),
      inMemory: { events: 2, bytes: 1e6 },
    }),
  );
  const writer = createBatchWriter({
    store,
    router: {
      needsObject: () => false,
      // The slow one gets half of the events only.
      route: ({ event }) => targets.filter(({ sink }) => sink !== "slow" || isForSlow(event.metadata.name)),
    },
    objects: { facts: async () => undefined, status: { cached: 0, hits: 0, misses: 0 } },
    ...{ queues, dropping: new Set<string>(), cluster: undefined, fromNow: false, eventTtl: 3_600_000 },
    ...{ lastSequence, checkpoint, clock, observer, signal: killed.signal },
  });
  const reading = server.read(checkpoint.mark);
  const never = new AbortController();
  for (const queue of queues) {
    queue.run(never.signal, killed.signal).catch((error) => {
      if (error !== killed.signal.reason) throw error;
    });
  }
  let isIdle = false;
  return {
    take: async (count) => {
      const group: IntakeStep[] = [];
      isIdle = false;
      while (group.length < count && !isIdle) {
        const { value } = reading.next();
        if (value) group.push(value);
        else isIdle = true;
      }
      await writer.write(group);
    },
    save: () => writer.save(clock.now().getTime()),
    get isIdle() {
      return isIdle && queues.every(({ status }) => status.queued === 0);
    },
    kill: () => killed.abort(new Error("killed")),
  };
}

const isForSlow = (eventName: string | undefined): boolean => eventName === "a" || eventName === "c";

/** The store as one process has it: after its end it reaches it no more, and it never gets another answer. */
function mortalStore(world: World, killed: AbortSignal): RouteStore {
  const dead = new Promise<never>(() => undefined);
  const alive = async <T>(run: () => Promise<T>): Promise<T> => {
    await turn();
    if (killed.aborted) return dead;
    const result = await run();
    await turn();
    return killed.aborted ? dead : result;
  };
  const { store } = world;
  return {
    isKept: store.isKept,
    load: () => alive(() => store.load()),
    commit: (change) =>
      alive(async () => {
        if (world.fullDisk-- > 0) throw new StoreError("the disk is full", { retriable: true });
        await store.commit(change);
      }),
    known: (uids) => alive(() => store.known(uids)),
    knownAfter: (after, limit) => alive(() => store.knownAfter(after, limit)),
    repeat: (uid, route) => alive(() => store.repeat(uid, route)),
    queued: (sink, after, limit) => alive(() => store.queued(sink, after, limit)),
    backlog: () => alive(() => store.backlog()),
    close: async () => undefined,
  };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function liveThrough(deeds: readonly Deed[], tapes: readonly Answer[][]): Promise<World> {
  let now = Date.parse("2026-11-23T09:30:00Z");
  const clock: Clock = {
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      now += milliseconds;
      await turn();
      signal?.throwIfAborted();
    },
  };
  const receivers = new Map(
    targets.map(({ sink }, index) => [sink, { taken: [], dead: [], answers: [...(tapes[index] ?? [])] }]),
  );
  const world: World = {
    server: createEventServer(() => now),
    store: createMemoryStore(),
    receivers,
    clock,
    fullDisk: 0,
  };
  await world.store.commit({ cursors: Object.fromEntries(targets.map(({ sink }) => [sink, 0])) });
  let process = await startProcess(world);
  const restart = async () => {
    process.kill();
    process = await startProcess(world);
  };
  for (const deed of deeds) {
    now += 1_000;
    if (deed.do === "happen") world.server.happen(deed.name, deed.times);
    else if (deed.do === "remove") world.server.remove(deed.name);
    else if (deed.do === "compact") world.server.compact();
    else if (deed.do === "save") await process.save();
    else if (deed.do === "full disk") world.fullDisk = 8;
    else if (deed.do === "crash") await restart();
    else if (deed.do === "wait") for (let left = deed.turns; left > 0; left--) await settled();
    else if (deed.killedAfter === undefined) await process.take(deed.steps);
    else {
      process.take(deed.steps).catch(() => undefined);
      for (let left = deed.killedAfter; left > 0; left--) await turn();
      await restart();
    }
  }
  for (const { answers } of receivers.values()) answers.length = 0;
  for (let rounds = 0; rounds === 0 || !process.isIdle; rounds++) {
    if (rounds > 1_000) throw new Error("the queues do not become empty");
    await process.take(100);
    await settled();
  }
  await process.save();
  process.kill();
  return world;
}

/** One of each id, in the order in which they came first. */
function distinct(deliveries: readonly Delivery[]): Delivery[] {
  return [...new Map([...deliveries].reverse().map((delivery) => [delivery.id, delivery])).values()].reverse();
}

function sumsOf(deliveries: readonly Delivery[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { event, delta } of deliveries) {
    const { uid = "" } = event.metadata;
    sums[uid] = (sums[uid] ?? 0) + delta;
  }
  return sums;
}

const uidOf = ({ event }: Delivery): string => event.metadata.uid ?? "";

test("whatever happens on the way, every occurrence is delivered, in order, and counted once by id", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 50 }), fc.array(answers, { maxLength: 4 }), async (deeds, tapes) => {
      const { server, store, receivers } = await liveThrough(deeds, tapes);
      const alive = [...server.events.values()];
      const counts = (isHis: (name: string | undefined) => boolean) =>
        Object.fromEntries(
          alive.filter(({ metadata }) => isHis(metadata.name)).map(({ metadata, count }) => [metadata.uid, count]),
        );

      for (const [sink, { taken, dead }] of receivers) {
        const all = distinct([...taken, ...dead]);
        // An id is one state that there was, and means the same whenever it comes.
        for (const delivery of [...taken, ...dead]) {
          expect(server.states.get(delivery.id)).toEqual(delivery.event);
          expect(all.find(({ id }) => id === delivery.id)?.delta).toBe(delivery.delta);
        }
        // What was taken came in the order in which it happened to each event.
        const versions = distinct(taken).map(
          (delivery) => [uidOf(delivery), Number(delivery.id.split("/")[1])] as const,
        );
        for (const uid of new Set(versions.map(([one]) => one))) {
          const own = versions.filter(([one]) => one === uid).map(([, version]) => version);
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }

        const sums = sumsOf(all);
        const ofAlive = Object.fromEntries(
          alive.flatMap(({ metadata: { uid = "" } }) => (uid in sums ? [[uid, sums[uid]]] : [])),
        );
        if (sink === "all") expect(ofAlive).toEqual(counts(() => true));
        if (sink === "slow") expect(ofAlive).toEqual(counts(isForSlow));
        if (sink === "first") {
          expect(new Set(all.map(uidOf)).size).toBe(all.length);
          expect(Object.keys(ofAlive).sort()).toEqual(Object.keys(counts(() => true)).sort());
        }
        if (sink === "some") {
          const held = await Promise.all(
            Object.keys(ofAlive).map(async (uid) => [uid, (await store.repeat(uid, "some"))?.held ?? 0] as const),
          );
          expect(Object.fromEntries(held.map(([uid, more]) => [uid, (ofAlive[uid] ?? 0) + more]))).toEqual(
            counts(() => true),
          );
        }
      }

      // What is left of it all: the events that are there, and how far everybody is.
      const known = await store.knownAfter("", 100);
      expect(Object.fromEntries(known.map(({ uid, count }) => [uid, count]))).toEqual(counts(() => true));
      expect(await store.backlog()).toEqual(new Map());
      const { cursors, lastSequence } = await store.load();
      expect(cursors).toEqual(Object.fromEntries(targets.map(({ sink }) => [sink, lastSequence])));
    }),
    { numRuns: 500 },
  );
});
