import { beforeEach, describe, expect, test } from "@jest/globals";
import { createSinkQueue, type SinkQueue, type SinkQueueOptions } from "../../../src/route/delivery/sink-queue.ts";
import { createMemoryStore } from "../../../src/route/store/memory-store.ts";
import type { QueuedDelivery, RouteStore } from "../../../src/route/store/route-store.ts";
import type { Delivery } from "../../../src/sinks/delivery.ts";
import { KevError } from "../../../src/util/errors.ts";
import { type Deferred, deferred } from "../../support/deferred.ts";
import { type HandClock, handClock, settled } from "../../support/fake-clock.ts";
import { bareDelivery } from "../../support/sample-delivery.ts";

const start = Date.parse("2026-11-23T09:30:00Z");
const problem = new KevError("failed", "down");

let store: RouteStore;
let clock: HandClock;
let ending: AbortController;
let cut: AbortController;
/** The batches that were delivered, as `SEQUENCE` or `SEQUENCE+DELTA`. */
let batches: string[][];
/** While it is set, deliveries wait for it. */
let blocked: Deferred | undefined;
let queue: SinkQueue;
let lastSequence: number;

beforeEach(() => {
  store = createMemoryStore();
  clock = handClock("2026-11-23T09:30:00Z");
  ending = new AbortController();
  cut = new AbortController();
  batches = [];
  blocked = undefined;
  lastSequence = 0;
});

async function deliver(batch: readonly Delivery[], signal: AbortSignal): Promise<void> {
  const { promise } = blocked ?? {};
  if (promise) {
    const aborted = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    await Promise.race([promise, aborted]);
  }
  batches.push(batch.map(({ event, delta }) => event.metadata.name + (delta === 1 ? "" : `+${delta}`)));
}

function create(more: Partial<SinkQueueOptions> = {}, limits: { events?: number; bytes?: number; wait?: number } = {}) {
  queue = createSinkQueue({
    name: "chat",
    policy: {
      batch: { events: 2, bytes: 1_000, wait: 100, ...limits },
      queue: { events: 4, bytes: 1_000, onFull: "wait" },
    },
    store,
    clock,
    deliver,
    problem: () => problem,
    cursor: 0,
    lastSequence: 0,
    backlog: undefined,
    ...more,
  });
  return queue;
}

const entry = (sequence: number, targets: Record<string, number> = { chat: 1 }, bytes = 10): QueuedDelivery => ({
  sequence,
  at: start + sequence,
  targets,
  bytes,
  delivery: bareDelivery(String(sequence)),
});

/** Stores deliveries as the writer does. */
async function add(count: number, targets?: Record<string, number>, bytes?: number): Promise<void> {
  const queued = Array.from({ length: count }, () => entry(++lastSequence, targets, bytes));
  await store.commit({ queued, ...(lastSequence === count && { cursors: { chat: 0, other: 0 } }) });
  queue.stored(queued);
  await settled();
}

describe("batches", () => {
  test("go when they are full, or their time is over, in order, with the sink's own delta", async () => {
    create().run(ending.signal, cut.signal);
    await add(1);
    await clock.advance(60);
    expect(batches).toEqual([]);
    await add(2, { chat: 5, other: 1 });
    expect(batches).toEqual([["1", "2+5"]]);
    await clock.advance(99);
    expect(batches).toHaveLength(1);
    await clock.advance(1);
    expect(batches).toEqual([["1", "2+5"], ["3+5"]]);
  });

  test("go at once where nothing is to be waited for", async () => {
    create({}, { wait: 0 }).run(ending.signal, cut.signal);
    await add(1);
    expect(batches).toEqual([["1"]]);
  });

  test("hold no more bytes than they may, but one delivery in any case", async () => {
    create({}, { events: 10, bytes: 25 }).run(ending.signal, cut.signal);
    await add(2);
    await add(1);
    expect(batches).toEqual([["1", "2"]]);
    await add(1, { chat: 1 }, 900);
    expect(batches).toEqual([["1", "2"], ["3"], ["4"]]);
  });

  test("come one after the other", async () => {
    blocked = deferred();
    create().run(ending.signal, cut.signal);
    await add(4);
    expect(batches).toEqual([]);
    const { resolve } = blocked;
    blocked = undefined;
    resolve();
    await settled();
    expect(batches).toEqual([
      ["1", "2"],
      ["3", "4"],
    ]);
  });
});

describe("the cursor", () => {
  test("stands behind what was taken, and at the newest where nothing waits", async () => {
    blocked = deferred();
    create({ cursor: 0 }, { events: 1, wait: 0 }).run(ending.signal, cut.signal);
    await add(3, { other: 1 });
    expect(queue.cursor).toBe(3);
    await add(2);
    await add(1, { other: 1 });
    expect(queue.cursor).toBe(3);
    const { resolve } = blocked;
    blocked = deferred();
    resolve();
    await settled();
    expect([batches, queue.cursor]).toEqual([[["4"]], 4]);
    blocked.resolve();
    await settled();
    expect([batches, queue.cursor]).toEqual([[["4"], ["5"]], 6]);
  });
});

describe("what stands in the store", () => {
  /** 1 to 5, of which an earlier run has had 1. */
  async function leave(): Promise<Partial<SinkQueueOptions>> {
    create();
    await add(5);
    await store.commit({ cursors: { chat: 1, other: 5 } });
    const { cursors } = await store.load();
    return { cursor: cursors.chat ?? 0, lastSequence: 5, backlog: (await store.backlog()).get("chat") };
  }

  test("from an earlier run goes first, and each of it once", async () => {
    const left = await leave();
    expect(left).toEqual({ cursor: 1, lastSequence: 5, backlog: { events: 4, bytes: 40, oldestAt: start + 2 } });
    create(left, { wait: 0 }).run(ending.signal, cut.signal);
    await add(1);
    await settled();
    expect(batches.flat()).toEqual(["2", "3", "4", "5", "6"]);
    expect(queue.cursor).toBe(6);
  });

  test("is not taken twice where it was read before it was told", async () => {
    const left = await leave();
    create(left, { wait: 0 }).run(ending.signal, cut.signal);
    // Stored, but the answer is on its way for long: another page and its deliveries come in between.
    const late = entry(6);
    await store.commit({ queued: [late] });
    await settled();
    queue.stored([late]);
    await settled();
    expect(batches.flat()).toEqual(["2", "3", "4", "5", "6"]);
    expect(queue.status).toMatchObject({ queued: 0, queuedBytes: 0, oldestAt: undefined });
  });

  test("is read by the page where it is more than memory may hold", async () => {
    blocked = deferred();
    const pages: number[] = [];
    const counted: RouteStore = {
      ...store,
      queued: async (...what) => {
        const page = await store.queued(...what);
        pages.push(page.length);
        return page;
      },
    };
    create({ store: counted }, { events: 1_000, wait: 0 }).run(ending.signal, cut.signal);
    await add(1);
    for (let round = 0; round < 10; round++) await add(500);
    expect(pages).toEqual([]);
    blocked.resolve();
    blocked = undefined;
    await clock.advance(0);
    await settled();
    expect(batches.flat()).toEqual(Array.from({ length: 5_001 }, (_, index) => String(index + 1)));
    expect(pages).toEqual([2_000, 1_000, 0]);
    await add(1);
    expect(batches.at(-1)).toEqual(["5002"]);
    expect(pages).toEqual([2_000, 1_000, 0]);
  });

  test("is read again from where a page ended, when more was stored meanwhile", async () => {
    const left = await leave();
    const reading = deferred();
    const slow: RouteStore = {
      ...store,
      queued: async (...what) => {
        const page = await store.queued(...what);
        if (page.length === 0) await reading.promise;
        return page;
      },
    };
    create({ ...left, store: slow }, { wait: 0 }).run(ending.signal, cut.signal);
    await settled();
    expect(batches.flat()).toEqual(["2", "3", "4", "5"]);
    await add(2);
    reading.resolve();
    await settled();
    expect(batches.flat()).toEqual(["2", "3", "4", "5", "6", "7"]);
  });
});

describe("a queue", () => {
  test("says what waits, and since when", async () => {
    create();
    expect(queue.status).toEqual({ name: "chat", queued: 0, queuedBytes: 0, oldestAt: undefined, problem });
    await add(1, { other: 1 });
    await add(3);
    expect(queue.status).toEqual({ name: "chat", queued: 3, queuedBytes: 30, oldestAt: new Date(start + 2), problem });
    queue.run(ending.signal, cut.signal);
    await settled();
    expect(queue.status).toEqual({ name: "chat", queued: 1, queuedBytes: 10, oldestAt: new Date(start + 4), problem });
  });

  test.each([
    ["events", [1, 1, 1, 1]],
    ["bytes", [500, 500]],
  ])("is full by its %s, and has room when a batch was taken", async (_what, sizes) => {
    create({}, { bytes: 5_000 });
    for (const size of sizes.slice(1)) await add(1, { chat: 1 }, size);
    expect(queue.isFull).toBe(false);
    await queue.room();
    await add(1, { chat: 1 }, sizes[0]);
    expect(queue.isFull).toBe(true);
    let hasRoom = false;
    queue.room().then(() => {
      hasRoom = true;
    });
    await settled();
    expect(hasRoom).toBe(false);
    queue.run(ending.signal, cut.signal);
    await settled();
    expect([queue.isFull, hasRoom]).toEqual([false, true]);
  });
});

describe("the end", () => {
  test("comes at once where nothing waits", async () => {
    const running = create().run(ending.signal, cut.signal);
    await settled();
    ending.abort();
    await running;
  });

  test("lets what waits go first, without waiting for more", async () => {
    const running = create().run(ending.signal, cut.signal);
    await add(1);
    ending.abort();
    await running;
    expect(batches).toEqual([["1"]]);
  });

  test("does not wait for a sink that takes nothing, and leaves it in the queue", async () => {
    blocked = deferred();
    const running = create({}, { wait: 0 }).run(ending.signal, cut.signal);
    await add(3);
    ending.abort();
    const reason = new Error("over");
    cut.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect([batches, queue.cursor, queue.status.queued]).toEqual([[], 0, 3]);
  });
});
