import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import type { DeliveryPolicy, RouteConfig } from "../../src/route/config/route-config.ts";
import { defaultDelivery } from "../../src/route/delivery/default-delivery.ts";
import { createEventRouting, type EventRouting, type RouteEventsOptions } from "../../src/route/route-events.ts";
import { createMemoryStore } from "../../src/route/store/memory-store.ts";
import type { RouteStore } from "../../src/route/store/route-store.ts";
import { allTaken, type Sink } from "../../src/sinks/sink.ts";
import { StoreError } from "../../src/store/store-error.ts";
import { type Clock, systemClock } from "../../src/util/clock.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { settled } from "../support/fake-clock.ts";
import { type RecordingObserver, recordingObserver } from "../support/recording-observer.ts";
import { bareDelivery, storedEvent } from "../support/sample-delivery.ts";
import { until } from "../support/until.ts";

let stub: ApiStub;
let connection: StreamingConnection;
let observer: RecordingObserver;
let ended: AbortController;
/** Outlives the routings, as a file does. */
let memory: RouteStore;
let isClosed: boolean;
/** Milliseconds that were skipped. */
let skipped: number;
let routing: EventRouting;

/** The machine's, which never sleeps long. */
const clock: Clock = {
  now: () => new Date(Date.now() + skipped),
  sleep: (milliseconds, signal) => systemClock.sleep(Math.min(milliseconds, 5), signal),
};

beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
  observer = recordingObserver();
  ended = new AbortController();
  memory = createMemoryStore();
  isClosed = false;
  skipped = 0;
});
afterEach(async () => {
  ended.abort();
  connection.close();
  await stub.close();
});

interface FakeSink extends Sink {
  readonly taken: string[];
  isClosed: boolean;
}

/** @param isHanging whether no send ever ends but by its signal */
function fakeSink(isHanging: () => boolean = () => false): FakeSink {
  const taken: string[] = [];
  const sink: FakeSink = {
    taken,
    isClosed: false,
    send: async (batch, signal) => {
      if (isHanging())
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
      taken.push(...batch.map(({ id, delta }) => `${id} +${delta}`));
      return allTaken;
    },
    preview: async () => "",
    close: async () => {
      sink.isClosed = true;
    },
  };
  return sink;
}

function config(policies: Record<string, Partial<DeliveryPolicy>>): RouteConfig {
  const sinks = Object.entries(policies).map(([name, policy]) => ({
    name,
    type: "fake",
    options: {},
    delivery: { ...defaultDelivery, retry: { first: 1, longest: 1, giveUpAfter: undefined }, ...policy },
  }));
  return { cluster: undefined, objects: { read: false, cache: 10, maxAge: 1_000 }, routes: [], sinks };
}

/** Routes everything to all of the sinks. */
function route(sinks: Record<string, Sink>, more: Partial<RouteEventsOptions> = {}): Promise<void> {
  const targets = Object.keys(sinks).map((sink) => ({ sink, repeats: "all" as const, route: "all" }));
  routing = createEventRouting(connection, {
    config: config(Object.fromEntries(Object.keys(sinks).map((name) => [name, {}]))),
    router: { needsObject: () => false, route: () => targets },
    sinks: new Map(Object.entries(sinks)),
    store: storeWith({}),
    namespace: "prod",
    clusterUid: "uid-of-cluster",
    observer,
    clock,
    random: () => 0,
    signal: ended.signal,
    ...more,
  });
  return routing.run();
}

/** The store, with other methods. */
const storeWith = (more: Partial<RouteStore>): RouteStore => ({
  ...memory,
  close: async () => {
    isClosed = true;
  },
  ...more,
});

const event = (uid: string, resourceVersion: string, count = 1): KubeEvent => {
  const stored = storedEvent({ count });
  return { ...stored, metadata: { ...stored.metadata, name: uid, uid, resourceVersion } };
};
const list = (resourceVersion: string, items: KubeEvent[] = []) =>
  json({ kind: "EventList", apiVersion: "v1", metadata: { resourceVersion }, items });
const refusal = (code: number, reason: string) =>
  json({ kind: "Status", status: "Failure", reason, message: reason, code }, code);

/** Prepares a watch that stays open; resolves when it is asked for. */
function watch(...events: KubeEvent[]): Promise<(...more: KubeEvent[]) => void> {
  return new Promise((resolve) => {
    stub.next((response: ServerResponse) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      const send = (...more: KubeEvent[]) =>
        more.forEach((object) => void response.write(`${JSON.stringify({ type: "ADDED", object })}\n`));
      send(...events);
      resolve(send);
    });
  });
}
const asked = () =>
  stub.requests.map(({ url }) => {
    const query = new URL(url, stub.url).searchParams;
    return query.has("watch") ? `watch ${query.get("resourceVersion")}` : "list";
  });

const broken = new StoreError("the file is damaged", { retriable: false });
const full = new StoreError("the disk is full", { retriable: true });

test("what is listed and watched goes to every sink, and the next run goes on from there", async () => {
  const [chat, loki] = [fakeSink(), fakeSink()];
  stub.next(list("10", [event("a", "5", 2)]));
  const watching = watch();
  const running = route({ chat, loki });
  const send = await watching;
  send(event("b", "11"));
  await until(() => chat.taken.length + loki.taken.length === 4);
  expect(routing.status).toEqual({
    sinks: ["chat", "loki"].map((name) => ({
      name,
      queued: 0,
      queuedBytes: 0,
      oldestAt: undefined,
      problem: undefined,
    })),
    checkpointAt: expect.any(Date),
    isWatching: true,
    objects: { cached: 0, hits: 0, misses: 0 },
  });
  ended.abort();
  await running;
  expect([chat.taken, loki.taken]).toEqual([
    ["a/5 +2", "b/11 +1"],
    ["a/5 +2", "b/11 +1"],
  ]);
  expect([chat.isClosed, loki.isClosed, isClosed]).toEqual([true, true, true]);
  expect(await memory.load()).toMatchObject({
    cursors: { chat: 2, loki: 2 },
    checkpoint: { mark: "11" },
    identity: { cluster: "uid-of-cluster", namespace: "prod" },
  });
  expect(getEventListeners(ended.signal, "abort")).toEqual([]);

  ended = new AbortController();
  const next = watch(event("b", "12", 3));
  const again = route({ chat, loki });
  await next;
  await until(() => chat.taken.length + loki.taken.length === 6);
  ended.abort();
  await again;
  expect(chat.taken.at(-1)).toBe("b/12 +2");
  expect(asked()).toEqual(["list", "watch 10", "watch 11"]);
});

describe("a sink that takes nothing", () => {
  test("holds up neither the others nor the end, and gets it all in the next run", async () => {
    let isDown = true;
    const [dead, chat] = [fakeSink(() => isDown), fakeSink()];
    stub.next(list("10", [event("a", "5")]));
    const watching = watch(event("b", "11"));
    const running = route({ dead, chat });
    await watching;
    await until(() => chat.taken.length === 2);
    ended.abort();
    await running;
    expect([dead.taken, (await memory.load()).cursors]).toEqual([[], { dead: 0, chat: 2 }]);

    ended = new AbortController();
    isDown = false;
    const next = watch();
    const again = route({ dead, chat });
    await next;
    await until(() => dead.taken.length === 2);
    ended.abort();
    await again;
    expect([dead.taken, chat.taken]).toEqual([
      ["a/5 +1", "b/11 +1"],
      ["a/5 +1", "b/11 +1"],
    ]);
  });

  test("and whose queue is full keeps what was read, but is not stored, from counting as taken in", async () => {
    const dead = fakeSink(() => true);
    stub.next(list("10"));
    const watching = watch();
    const queue = { events: 1, bytes: 1e6, onFull: "wait" as const };
    const running = route({ dead }, { config: config({ dead: { queue } }) });
    const send = await watching;
    send(event("a", "11"));
    await until(() => routing.status.sinks[0]?.queued === 1);
    send(event("b", "12"));
    await until(async () => (await memory.load()).checkpoint.mark === "11");
    const before = clock.now().getTime();
    skipped = 7_200_000;
    send(event("c", "13"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { mark, aliveAt = 0 } = (await memory.load()).checkpoint;
    expect([mark, aliveAt <= before]).toEqual(["11", true]);
    ended.abort();
    await running;
    expect((await memory.load()).checkpoint).toEqual({ mark, aliveAt });
  });
});

test("a sink that does not close is not waited for at the end", async () => {
  stub.next(list("10"));
  const watching = watch();
  const running = route({ chat: { ...fakeSink(), close: () => new Promise(() => undefined) } });
  await watching;
  ended.abort();
  await running;
  expect(isClosed).toBe(true);
});

describe("a failure that lasts ends it all", () => {
  test("of the store, while the watch is quiet", async () => {
    const chat = fakeSink();
    stub.next(list("10", [event("a", "5")]));
    watch();
    const store = storeWith({
      commit: (change) => (change.queued ? Promise.reject(broken) : memory.commit(change)),
    });
    await expect(route({ chat }, { store })).rejects.toBe(broken);
    expect([chat.isClosed, isClosed, ended.signal.aborted]).toEqual([true, true, false]);
    expect(getEventListeners(ended.signal, "abort")).toEqual([]);
  });

  test("of the store, while there is no room for what is read", async () => {
    const chat = fakeSink();
    const many = Array.from({ length: 1_200 }, (_, index) => event(`e-${index}`, String(index + 1)));
    stub.next(list("2000", many));
    const store = storeWith({
      commit: (change) => (change.queued ? Promise.reject(broken) : memory.commit(change)),
    });
    await expect(route({ chat }, { store })).rejects.toBe(broken);
  });

  test("of the store, while a sink hangs and its queue is full", async () => {
    const [chat, dead] = [fakeSink(), fakeSink(() => true)];
    stub.next(list("10", [event("a", "5"), event("b", "6")]));
    watch(event("c", "11"));
    const queue = { events: 1, bytes: 1e6, onFull: "wait" as const };
    const store = storeWith({
      commit: (change) => (chat.taken.length > 0 ? Promise.reject(broken) : memory.commit(change)),
    });
    const running = route({ chat, dead }, { config: config({ chat: {}, dead: { queue } }), store });
    await expect(running).rejects.toBe(broken);
  });

  test("of the server; what sinks have taken until then is theirs", async () => {
    const chat = fakeSink();
    await memory.commit({
      cursors: { chat: 0 },
      queued: [{ sequence: 1, at: 1, targets: { chat: 1 }, bytes: 1, delivery: bareDelivery("left") }],
      checkpoint: { mark: "10" },
    });
    stub.next((response) => {
      until(() => chat.taken.length === 1).then(() => refusal(403, "Forbidden")(response));
    });
    await expect(route({ chat })).rejects.toMatchObject({ kind: "refused" });
    expect((await memory.load()).cursors).toEqual({ chat: 1 });
  });

  test("of the first list", async () => {
    const chat = fakeSink();
    stub.next(refusal(403, "Forbidden"));
    await expect(route({ chat })).rejects.toMatchObject({ kind: "refused" });
    expect([chat.isClosed, isClosed]).toEqual([true, true]);
  });
});

describe("a store that fails for a while", () => {
  test("holds up what is written, and loses nothing", async () => {
    const chat = fakeSink();
    let failures = 3;
    const store = storeWith({
      commit: (change) => (change.queued && failures-- > 0 ? Promise.reject(full) : memory.commit(change)),
    });
    stub.next(list("10", [event("a", "5")]));
    watch();
    const running = route({ chat }, { store });
    await until(() => chat.taken.length === 1);
    ended.abort();
    await running;
    expect(observer.told.filter(([name]) => name === "notStored")).toEqual([
      ["notStored", "the disk is full", 125],
      ["notStored", "the disk is full", 250],
      ["notStored", "the disk is full", 500],
    ]);
  });

  test("is waited for when a queue is read, too", async () => {
    const chat = fakeSink();
    await memory.commit({
      cursors: { chat: 0 },
      queued: [{ sequence: 1, at: 1, targets: { chat: 1 }, bytes: 1, delivery: bareDelivery("left") }],
      checkpoint: { mark: "10" },
    });
    let failures = 1;
    const store = storeWith({
      queued: (...what) => (failures-- > 0 ? Promise.reject(full) : memory.queued(...what)),
    });
    watch();
    const running = route({ chat }, { store });
    await until(() => chat.taken.length === 1);
    ended.abort();
    await running;
    expect(chat.taken).toEqual(["left/1 +1"]);
  });

  test("does not keep it from ending, and is no failure of it", async () => {
    const chat = fakeSink();
    let isFull = false;
    const store = storeWith({ commit: (change) => (isFull ? Promise.reject(full) : memory.commit(change)) });
    stub.next(list("10"));
    const watching = watch();
    const running = route({ chat }, { store });
    const send = await watching;
    await until(async () => (await memory.load()).checkpoint.mark === "10");
    isFull = true;
    send(event("a", "11"));
    await until(() => observer.told.some(([name]) => name === "notStored"));
    ended.abort();
    await running;
    expect([chat.taken, (await memory.load()).checkpoint.mark]).toEqual([[], "10"]);
  });
});

describe("a store", () => {
  test.each([
    [{ cluster: "another", namespace: "prod" }, "another cluster"],
    [{ cluster: "uid-of-cluster", namespace: "" }, "all namespaces"],
    [{ cluster: "uid-of-cluster", namespace: "dev" }, "the namespace dev"],
  ])("of %j is refused", async (identity, whose) => {
    await memory.commit({ identity });
    await expect(route({ chat: fakeSink() })).rejects.toMatchObject({
      kind: "usage",
      message: `the state is about the events of ${whose}`,
    });
    expect([stub.requests, isClosed]).toEqual([[], true]);
  });

  test("with deliveries for a sink that is no more is refused, unless they are given up", async () => {
    const left = [1, 2].map((sequence) => ({
      ...{ sequence, at: 1, bytes: 1, delivery: bareDelivery(`left-${sequence}`) },
      targets: { former: 1 },
    }));
    await memory.commit({ cursors: { former: 0, idle: 2 }, queued: left });
    await expect(route({ chat: fakeSink() })).rejects.toMatchObject({
      kind: "usage",
      message: '2 deliveries wait for the sink "former", which is not in the config any more',
      hint: "put it back until it has taken them, or give them up with --forget-sink former",
    });
    stub.next(list("10"));
    const watching = watch();
    const running = route({ chat: fakeSink() }, { forgetSinks: ["former"] });
    await watching;
    await settled();
    ended.abort();
    await running;
    expect((await memory.load()).cursors).toEqual({ chat: 2 });
    expect(observer.told[0]).toEqual(["dropped", "former", 2, "sink-forgotten"]);
  });
});
