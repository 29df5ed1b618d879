import { beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../../src/events/event.ts";
import { type BatchWriter, type BatchWriterOptions, createBatchWriter } from "../../../src/route/core/batch-writer.ts";
import type { IntakeStep } from "../../../src/route/core/intake.ts";
import type { ObjectReader } from "../../../src/route/core/object-reader.ts";
import type { SinkQueue } from "../../../src/route/delivery/sink-queue.ts";
import type { Target } from "../../../src/route/rules/router-contract.ts";
import { createMemoryStore } from "../../../src/route/store/memory-store.ts";
import type { QueuedDelivery, RouteStore, StoreChange } from "../../../src/route/store/route-store.ts";
import type { ObjectFacts } from "../../../src/sinks/delivery.ts";
import { type Deferred, deferred } from "../../support/deferred.ts";
import { type HandClock, handClock, settled } from "../../support/fake-clock.ts";
import { type RecordingObserver, recordingObserver } from "../../support/recording-observer.ts";
import { storedEvent } from "../../support/sample-delivery.ts";

const start = Date.parse("2026-11-23T09:30:00Z");
const minute = 60_000;

interface FakeQueue extends SinkQueue {
  /** Sequences that were handed to it. */
  readonly told: number[];
  cursor: number;
  isFull: boolean;
  readonly hasRoom: Deferred;
}

function fakeQueue(name: string): FakeQueue {
  const told: number[] = [];
  const hasRoom = deferred();
  return {
    name,
    told,
    hasRoom,
    cursor: 0,
    isFull: false,
    stored: (deliveries) => void told.push(...deliveries.map(({ sequence }) => sequence)),
    room: () => hasRoom.promise,
    get status(): never {
      throw new Error("Unexpected look at the status");
    },
    run: async () => {
      throw new Error("Unexpected run");
    },
  };
}

const noObjects: ObjectReader = {
  facts: async () => {
    throw new Error("Unexpected look at an object");
  },
  status: { cached: 0, hits: 0, misses: 0 },
};

let store: RouteStore;
let changes: StoreChange[];
let clock: HandClock;
let observer: RecordingObserver;
let ended: AbortController;
let chat: FakeQueue;
let loki: FakeQueue;
let targets: Target[];
let writer: BatchWriter;

beforeEach(() => {
  const memory = createMemoryStore();
  changes = [];
  store = {
    ...memory,
    commit: async (change) => {
      changes.push(change);
      await memory.commit(change);
    },
  };
  clock = handClock("2026-11-23T09:30:00Z");
  observer = recordingObserver();
  ended = new AbortController();
  [chat, loki] = [fakeQueue("chat"), fakeQueue("loki")];
  targets = [{ sink: "chat", repeats: "all", route: "r" }];
});

async function create(more: Partial<BatchWriterOptions> = {}): Promise<BatchWriter> {
  const { checkpoint, lastSequence } = await store.load();
  writer = createBatchWriter({
    store,
    router: { needsObject: () => false, route: () => targets },
    objects: noObjects,
    queues: [chat, loki],
    dropping: new Set(),
    cluster: undefined,
    fromNow: false,
    eventTtl: 60 * minute,
    lastSequence,
    checkpoint,
    clock,
    observer,
    signal: ended.signal,
    ...more,
  });
  return writer;
}

const event = (uid: string, resourceVersion: string, count = 1): KubeEvent => {
  const stored = storedEvent({ count });
  return { ...stored, metadata: { ...stored.metadata, uid, resourceVersion } };
};
type Change = "listed" | "present" | "added" | "modified";
const step = (change: Change, uid: string, version: string, count?: number, aliveAt?: number): IntakeStep => ({
  type: "event",
  change,
  event: event(uid, version, count),
  aliveAt,
});
const deleted = (uid: string, version: string, aliveAt?: number): IntakeStep => ({
  type: "deleted",
  event: event(uid, version),
  aliveAt,
});
const synced = (resourceVersion: string, aliveAt?: number, interruptedAt?: number): IntakeStep => ({
  type: "synced",
  resourceVersion,
  aliveAt,
  interruptedAt,
});

/** What is queued, as `SEQUENCE ID +DELTA → SINKS`. */
async function queued(): Promise<string[]> {
  const all = new Map<number, QueuedDelivery>();
  for (const sink of ["chat", "loki"]) {
    for (const one of await store.queued(sink, 0, { events: 100, bytes: 1e6 })) all.set(one.sequence, one);
  }
  return [...all.values()].map(
    ({ sequence, delivery, targets }) => `${sequence} ${delivery.id} +${delivery.delta} → ${JSON.stringify(targets)}`,
  );
}
const known = async () =>
  (await store.knownAfter("", 100)).map(({ uid, resourceVersion, count }) => `${uid} ${resourceVersion} ${count}`);

describe("a group of steps", () => {
  test("is one change, and what is stored is handed to all queues", async () => {
    await create({ cluster: { name: "eu" }, lastSequence: 7 });
    chat.cursor = 7;
    await writer.write([
      step("added", "a", "11", 2, start - 2),
      step("modified", "a", "12", 5, start - 1),
      deleted("b", "13", start),
    ]);
    const entry = (sequence: number, version: string, count: number, verb: "ADDED" | "UPDATED", delta: number) => {
      const delivery = {
        id: `a/${version}`,
        ...{ verb, delta, count },
        time: "2026-11-23T09:29:30Z",
        cluster: { name: "eu" },
        event: event("a", version, count),
      };
      return { sequence, at: start, targets: { chat: delta }, delivery, bytes: JSON.stringify(delivery).length };
    };
    expect(changes).toEqual([
      {
        known: [{ uid: "a", resourceVersion: "12", count: 5, seenAt: start }],
        forgotten: ["b"],
        queued: [entry(8, "11", 2, "ADDED", 2), entry(9, "12", 5, "UPDATED", 3)],
        repeats: [],
        checkpoint: { mark: "13", aliveAt: start },
        cursors: { chat: 7, loki: 0 },
      },
    ]);
    expect([chat.told, loki.told]).toEqual([
      [8, 9],
      [8, 9],
    ]);
    expect(observer.told).toEqual([
      ["taken", "a/11"],
      ["taken", "a/12"],
      ["forgotten", "b"],
    ]);
  });

  test("of an event that is deleted and made again knows the new one, and what was of the old one is gone", async () => {
    targets = [{ sink: "chat", repeats: "first", route: "r" }];
    await create();
    await writer.write([step("added", "a", "11", 2)]);
    await writer.write([deleted("a", "12"), step("added", "b", "13"), step("modified", "b", "14", 3)]);
    expect(await known()).toEqual(["b 14 3"]);
    expect(await queued()).toEqual(['1 a/11 +2 → {"chat":2}', '2 b/13 +1 → {"chat":1}']);
    expect(await store.repeat("a", "r")).toBeUndefined();
    expect(await store.repeat("b", "r")).toEqual({ uid: "b", route: "r", at: start, held: 2 });
  });

  test("delivers what came and went in it, and remembers nothing of that", async () => {
    targets = [{ sink: "chat", repeats: { every: minute }, route: "r" }];
    await create();
    await writer.write([step("added", "a", "11"), deleted("a", "12")]);
    expect(await queued()).toEqual(['1 a/11 +1 → {"chat":1}']);
    expect([await known(), await store.repeat("a", "r")]).toEqual([[], undefined]);
  });

  test("measures deliveries in bytes", async () => {
    await create();
    const own = step("added", "a", "11");
    if (own.type === "event") own.event.message = "Überlauf 🚀";
    await writer.write([own]);
    const [only] = changes[0]?.queued ?? [];
    expect(only?.bytes).toBe(Buffer.byteLength(JSON.stringify(only?.delivery)));
  });

  test("that says nothing new only moves the mark", async () => {
    await create();
    await writer.write([step("added", "a", "11")]);
    await writer.write([step("modified", "a", "12")]);
    expect(await queued()).toEqual(['1 a/11 +1 → {"chat":1}']);
    expect((await store.load()).checkpoint).toEqual({ mark: "12" });
  });

  test("is empty without a trace", async () => {
    await create();
    await writer.write([]);
    expect(changes).toEqual([]);
  });
});

describe("routes", () => {
  test("decide for each sink, and what none wants is not queued", async () => {
    await create({
      router: {
        needsObject: () => false,
        route: ({ event: { metadata } }) =>
          metadata.uid === "a"
            ? [
                { sink: "chat", repeats: "first", route: "one" },
                { sink: "loki", repeats: { every: minute }, route: "other" },
              ]
            : [],
      },
    });
    const write = (version: string, count: number) => writer.write([step("modified", "a", version, count)]);
    await write("11", 1);
    await write("12", 3);
    await writer.write([step("added", "b", "13")]);
    await clock.advance(minute);
    await write("14", 7);
    expect(await queued()).toEqual(['1 a/11 +1 → {"chat":1,"loki":1}', '2 a/14 +4 → {"loki":6}']);
    expect(await known()).toEqual(["a 14 7", "b 13 1"]);
  });

  test("that ask for it get what the object says, and wait for it", async () => {
    const facts: ObjectFacts = { labels: { app: "ui" }, annotations: {}, owners: [] };
    const answers: ((facts: ObjectFacts | undefined) => void)[] = [];
    const asked: (string | undefined)[] = [];
    await create({
      router: { needsObject: ({ event }) => event.metadata.uid !== "b", route: () => targets },
      objects: {
        ...noObjects,
        facts: ({ name }) =>
          new Promise((resolve) => {
            asked.push(name);
            answers.push(resolve);
          }),
      },
    });
    const writing = writer.write(["a", "b", "c"].map((uid, index) => step("added", uid, String(11 + index))));
    await settled();
    expect([asked, changes]).toEqual([["ui-server-7d4b9c-x2x7k", "ui-server-7d4b9c-x2x7k"], []]);
    answers[1]?.(facts);
    answers[0]?.(undefined);
    await writing;
    const deliveries = changes[0]?.queued?.map(({ delivery: { id, object } }) => [id, object]);
    expect(deliveries).toEqual([
      ["a/11", undefined],
      ["b/12", undefined],
      ["c/13", facts],
    ]);
  });
});

describe("a full queue", () => {
  test("holds everything up until it has room", async () => {
    await create();
    chat.isFull = true;
    const writing = writer.write([step("added", "a", "11")]);
    await settled();
    expect([changes, chat.told]).toEqual([[], []]);
    chat.hasRoom.resolve();
    await writing;
    expect(chat.told).toEqual([1]);
  });

  test("drops and counts where it may, and nobody else's", async () => {
    targets = ["chat", "loki"].map((sink) => ({ sink, repeats: "all", route: "r" }));
    await create({ dropping: new Set(["chat"]) });
    chat.isFull = true;
    await writer.write([step("added", "a", "11")]);
    expect(await queued()).toEqual(['1 a/11 +1 → {"loki":1}']);
    expect(observer.told).toEqual([
      ["taken", "a/11"],
      ["dropped", "chat", 1, "queue-full"],
    ]);
  });

  test("does not hold up the end", async () => {
    await create();
    chat.isFull = true;
    const writing = writer.write([step("added", "a", "11")]);
    await settled();
    const reason = new Error("over");
    ended.abort(reason);
    await expect(writing).rejects.toBe(reason);
    expect(changes).toEqual([]);
  });
});

describe("a list", () => {
  test("makes a mark once it is complete, and what it lacks is forgotten", async () => {
    await store.commit({
      known: ["a", "b", "c"].map((uid) => ({ uid, resourceVersion: "5", count: 1, seenAt: start - minute })),
    });
    await create();
    await writer.write([step("listed", "a", "5"), step("listed", "d", "9", 2)]);
    expect((await store.load()).checkpoint).toEqual({});
    await writer.write([step("present", "b", "5"), synced("10", start - 5), step("added", "e", "11")]);
    expect(await known()).toEqual(["a 5 1", "b 5 1", "d 9 2", "e 11 1"]);
    expect((await store.load()).checkpoint).toEqual({ mark: "11", aliveAt: start - 5 });
    expect(await queued()).toEqual(['1 d/9 +2 → {"chat":2}', '2 e/11 +1 → {"chat":1}']);
    expect(observer.told).toEqual([
      ["present", "a"],
      ["taken", "d/9"],
      ["present", "b"],
      ["forgotten", "c"],
      ["taken", "e/11"],
    ]);
  });

  test("that begins again after a crash delivers the rest, and nothing twice", async () => {
    await create();
    await writer.write([step("listed", "a", "5", 2), step("listed", "b", "6")]);
    await create();
    await writer.write([step("listed", "a", "7", 3), step("listed", "c", "8"), synced("10")]);
    expect(await queued()).toEqual([
      '1 a/5 +2 → {"chat":2}',
      '2 b/6 +1 → {"chat":1}',
      '3 a/7 +1 → {"chat":1}',
      '4 c/8 +1 → {"chat":1}',
    ]);
    expect(await known()).toEqual(["a 7 3", "c 8 1"]);
  });

  test("of a store that was set back is known as it is now, and counts nothing twice", async () => {
    await create();
    await writer.write([synced("10"), step("added", "a", "90", 3), step("added", "b", "95", 1)]);
    await writer.write([step("listed", "a", "40", 2), synced("50"), step("modified", "a", "60", 4)]);
    expect(await queued()).toEqual(['1 a/90 +3 → {"chat":3}', '2 b/95 +1 → {"chat":1}', '3 a/60 +1 → {"chat":1}']);
    expect([await known(), (await store.load()).checkpoint]).toEqual([["a 60 4"], { mark: "60" }]);
  });

  test("of more events than are looked through at a time forgets all that are gone", async () => {
    const uids = Array.from({ length: 4_500 }, (_, index) => `uid-${index}`);
    await store.commit({ known: uids.map((uid) => ({ uid, resourceVersion: "5", count: 1, seenAt: start })) });
    await create();
    await writer.write([step("listed", "uid-7", "5"), synced("10")]);
    expect(await known()).toEqual(["uid-7 5 1"]);
  });

  describe("from now on", () => {
    test("is known and not delivered; what comes later is", async () => {
      await create({ fromNow: true });
      await writer.write([step("listed", "a", "5", 4), synced("10"), step("modified", "a", "11", 6)]);
      await writer.write([step("listed", "b", "12"), synced("20")]);
      expect(await queued()).toEqual(['1 a/11 +2 → {"chat":2}', '2 b/12 +1 → {"chat":1}']);
    });

    test("delivers what is counted up while it is listed", async () => {
      await create({ fromNow: true });
      await writer.write([step("listed", "a", "5", 4)]);
      await create({ fromNow: true });
      await writer.write([step("listed", "a", "9", 6), step("listed", "b", "8"), synced("10")]);
      expect(await queued()).toEqual(['1 a/9 +2 → {"chat":2}']);
    });
  });
});

describe("a gap", () => {
  const from = start - 90 * minute;
  const gap = ["gap", "2026-11-23T08:00:00.000Z", "2026-11-23T09:30:00.000Z"];
  const knownBefore = () =>
    store.commit({
      known: [{ uid: "a", resourceVersion: "9", count: 1, seenAt: from - 1 }],
      checkpoint: { mark: "10", aliveAt: from },
    });
  const gaps = () => observer.told.filter(([name]) => name === "gap");

  test("is told before it is stored that it is over", async () => {
    await create();
    const failing = { ...store, commit: () => Promise.reject(new Error("killed")) };
    await create({ store: failing });
    await expect(writer.write([synced("50", start, from)])).rejects.toThrow("killed");
    expect(observer.told).toEqual([gap]);
  });

  test.each(["present", "listed"] as const)("is none where an event, %s, has outlived it", async (change) => {
    await knownBefore();
    await create();
    await writer.write([step(change, "a", "9"), synced("50", start, from)]);
    expect(gaps()).toEqual([]);
  });

  test("is none where the router was killed before it knew that its watch was alive", async () => {
    await create();
    await writer.write([step("listed", "a", "9"), step("listed", "b", "9"), synced("10", start - 1)]);
    await create();
    await writer.write([step("present", "a", "9"), synced("50", start, start - 1)]);
    expect(gaps()).toEqual([]);
  });

  test("is one for all that an unfinished list after it had taken in", async () => {
    await knownBefore();
    await create();
    await writer.write([step("listed", "b", "45")]);
    await create();
    await writer.write([step("listed", "b", "45"), step("present", "b", "45"), synced("50", start, from)]);
    expect(gaps()).toEqual([gap]);
  });

  test("is looked for at the end of each list alone", async () => {
    await knownBefore();
    await create();
    await writer.write([step("present", "a", "9"), synced("50", start, from)]);
    await writer.write([synced("60", start, from)]);
    await writer.write([synced("70", start)]);
    expect(gaps()).toEqual([gap]);
  });
});

describe("saving", () => {
  test("stores the cursors that have moved, once", async () => {
    await create();
    await writer.save(undefined);
    await writer.save(undefined);
    chat.cursor = 3;
    await writer.save(undefined);
    expect(changes).toEqual([{ cursors: { chat: 0, loki: 0 } }, { cursors: { chat: 3 } }]);
  });

  test("stores when the watch was alive, unless nothing was listed yet, or it was later already", async () => {
    await create();
    await writer.save(start);
    expect(writer.checkpointAt).toBeUndefined();
    await writer.write([synced("10", start)]);
    await writer.save(start);
    await writer.save(start - 1);
    await writer.save(start + 1);
    expect(changes).toEqual([
      { cursors: { chat: 0, loki: 0 } },
      { forgotten: [], checkpoint: { mark: "10", aliveAt: start } },
      { checkpoint: { aliveAt: start + 1 } },
    ]);
    expect(writer.checkpointAt).toBe(start + 1);
  });

  test("waits for the change that is under way", async () => {
    const writing = deferred();
    const order: string[] = [];
    const slow: RouteStore = {
      ...store,
      commit: async (change) => {
        order.push(change.queued ? "write" : "save");
        if (change.queued) await writing.promise;
        order.push("done");
      },
    };
    await create({ store: slow });
    const all = Promise.all([writer.write([step("added", "a", "11")]), settled().then(() => writer.save(undefined))]);
    chat.cursor = 1;
    await settled();
    await settled();
    expect(order).toEqual(["write"]);
    loki.cursor = 2;
    writing.resolve();
    await all;
    expect(order).toEqual(["write", "done", "save", "done"]);
  });

  test("goes on after a change that failed, with what did not come to be", async () => {
    let failures = 1;
    const failing: RouteStore = {
      ...store,
      commit: async (change) => {
        if (failures-- > 0) throw new Error("broken");
        await store.commit(change);
      },
    };
    await create({ store: failing });
    chat.cursor = 5;
    await expect(writer.write([step("added", "a", "11")])).rejects.toThrow("broken");
    expect(chat.told).toEqual([]);
    await writer.save(undefined);
    expect(changes).toEqual([{ cursors: { chat: 5, loki: 0 } }]);
  });
});
