import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { openPostgresStore, type PostgresStoreOptions } from "../../../src/route/store/postgres-store.ts";
import type { QueuedDelivery, RouteStore, StoreChange } from "../../../src/route/store/route-store.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import { type PostgresServer, startPostgres } from "../../servers/postgres-server.ts";
import { startTcpProxy, type TcpProxy } from "../../servers/tcp-proxy.ts";
import { sampleDelivery } from "../../support/sample-delivery.ts";
import { until } from "../../support/until.ts";
import { testStore } from "./store-contract.ts";

let postgres: PostgresServer;
beforeAll(async () => {
  postgres = await startPostgres();
}, 120_000);
afterAll(() => postgres.stop());

let routers = 0;
testStore("in PostgreSQL", true, async () => {
  const name = `router-${++routers}`;
  return {
    open: () => openPostgresStore({ url: postgres.url(), name, env: {} }),
    remove: async () => undefined,
  };
});

const queued = (sequence: number, message = "ok"): QueuedDelivery => {
  const delivery = sampleDelivery({ id: `uid-${sequence}/${sequence}` });
  return {
    sequence,
    at: 1_000,
    targets: { chat: 1 },
    bytes: 10,
    delivery: { ...delivery, event: { ...delivery.event, message } },
  };
};

describe("a state in PostgreSQL", () => {
  let name: string;
  let proxy: TcpProxy;
  let stores: RouteStore[];

  beforeEach(async () => {
    name = `router-${++routers}`;
    proxy = await startTcpProxy(() => postgres.port);
    stores = [];
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await proxy.close();
  });

  async function open(more: Partial<PostgresStoreOptions> = {}): Promise<RouteStore> {
    const store = await openPostgresStore({ url: postgres.url(), name, env: {}, ...more });
    stores.push(store);
    return store;
  }
  const throughProxy = () => open({ url: postgres.url().replace(`:${postgres.port}/`, `:${proxy.port}/`) });
  const place = (port = postgres.port) => `127.0.0.1:${port}/kev`;
  const sequences = async (store: RouteStore) =>
    (await store.queued("chat", 0, { events: 100, bytes: 1_000 })).map(({ sequence }) => sequence);

  /** As a router does it. */
  async function persist(store: RouteStore, change: StoreChange): Promise<StoreError[]> {
    const failures: StoreError[] = [];
    await until(async () => {
      try {
        await store.commit(change);
        return true;
      } catch (error) {
        if (!(error instanceof StoreError) || !error.retriable) throw error;
        failures.push(error);
        return false;
      }
    });
    return failures;
  }

  /** Ends the server's side of the router's session. */
  async function endSession(): Promise<void> {
    const sessions = `FROM pg_stat_activity WHERE application_name = 'kev route ${name}'`;
    await postgres.sql(`SELECT pg_terminate_backend(pid) ${sessions}`);
    await until(async () => (await postgres.sql(`SELECT count(*) ${sessions}`)) === "0");
  }

  test("is used by one router at a time", async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({
      kind: "usage",
      message: `the state of router ${name} in PostgreSQL at ${place()} is in use by another process`,
      hint: "a second router needs a database of its own; one that is gone without a word is forgotten after a minute",
    });
    await first.commit({ checkpoint: { mark: "7" } });
    const second = open({ patience: 60_000 });
    await first.close();
    expect((await (await second).load()).checkpoint).toEqual({ mark: "7" });
  });

  test("is each router's own", async () => {
    const names = ["a", "b", "c", "d"];
    const opened = await Promise.all(names.map((one) => open({ name: one, schema: "many's" })));
    await Promise.all(
      opened.map((store, index) => store.commit({ queued: [queued(1)], cursors: { chat: 0, [`s${index}`]: 1 } })),
    );
    await opened[0]?.commit({ cursors: { chat: 1 } });
    expect(await Promise.all(opened.map(sequences))).toEqual([[], [1], [1], [1]]);
    expect((await opened[1]?.load())?.cursors).toEqual({ chat: 0, s1: 1 });
  });

  test("is kept from a router that lost its session to another", async () => {
    const former = await open();
    await former.commit({ queued: [queued(1)] });
    await endSession();
    const next = await open();
    await expect(persist(former, { queued: [queued(2)] })).rejects.toMatchObject({
      name: "StoreError",
      retriable: false,
      message: `another router has taken over the state of router ${name} in PostgreSQL at ${place()}`,
    });
    expect(await sequences(next)).toEqual([1]);
    await next.commit({ queued: [queued(2)] });
  });

  test("is kept from a router that does not know that it lost it", async () => {
    const former = await open();
    await postgres.sql(`UPDATE kev.routers SET term = term + 1 WHERE name = '${name}'`);
    await expect(former.commit({ queued: [queued(1)] })).rejects.toMatchObject({
      retriable: false,
      message: `another router has taken over the state of router ${name} in PostgreSQL at ${place()}`,
    });
    expect(await sequences(former)).toEqual([]);
  });

  test("is its router's again after the session was ended", async () => {
    const store = await open();
    await endSession();
    await persist(store, { queued: [queued(1)] });
    await endSession();
    await persist(store, { queued: [queued(2)] });
    expect(await sequences(store)).toEqual([1, 2]);
  });

  test.each([
    ["was stored, and the answer lost", "cut-after" as const],
    ["was not stored", "cut-before" as const],
  ])("takes a change once that %s", async (_what, passage) => {
    const store = await throughProxy();
    proxy.passage = (piece) => (piece.includes("COMMIT") ? passage : "pass");
    const change = { queued: [queued(1)] };
    await expect(store.commit(change)).rejects.toMatchObject({
      retriable: true,
      message: `cannot write the state in PostgreSQL at ${place(proxy.port)}: Connection terminated unexpectedly`,
    });
    proxy.passage = () => "pass";
    await persist(store, change);
    await store.commit({ queued: [queued(2)] });
    expect(await sequences(store)).toEqual([1, 2]);
  });

  test("takes no other change while it is not known what became of the last one", async () => {
    const store = await throughProxy();
    proxy.passage = (piece) => (piece.includes("COMMIT") ? "cut-after" : "pass");
    await expect(store.commit({ queued: [queued(1)] })).rejects.toMatchObject({ retriable: true });
    proxy.passage = () => "pass";
    await expect(persist(store, { queued: [queued(2)] })).rejects.toMatchObject({
      retriable: false,
      message: "a change of the state that failed was stored all the same",
    });
  });

  test("waits for its own former session to end", async () => {
    const store = await throughProxy();
    proxy.passage = (piece) => (piece.includes("COMMIT") ? "strand" : "pass");
    const change = { queued: [queued(1)] };
    await expect(store.commit(change)).rejects.toMatchObject({ retriable: true });
    proxy.passage = () => "pass";
    await expect(store.commit(change)).rejects.toMatchObject({
      retriable: true,
      message: `the state of router ${name} in PostgreSQL at ${place(proxy.port)} is still locked`,
    });
    proxy.release();
    await persist(store, change);
    expect(await sequences(store)).toEqual([1]);
  });

  test("is there again when the server is", async () => {
    const store = await open();
    await store.commit({ queued: [queued(1)], cursors: { chat: 0 } });
    await postgres.kill();
    const change = { queued: [queued(2)] };
    await expect(store.load()).rejects.toMatchObject({
      retriable: true,
      message: `cannot read the state in PostgreSQL at ${place()}: connection refused`,
    });
    await expect(store.commit(change)).rejects.toMatchObject({
      retriable: true,
      message: `cannot write the state in PostgreSQL at ${place()}: connection refused`,
    });
    await expect(open({ name: "another" })).rejects.toMatchObject({
      kind: "unreachable",
      message: `cannot reach the state in PostgreSQL at ${place()}: connection refused`,
    });
    await postgres.start();
    await persist(store, change);
    expect(await sequences(store)).toEqual([1, 2]);
  });

  test("holds any text, and much at once", async () => {
    const texts = ["NULL", "", `{"a",'b'} \\ \\" $1`, "line\nbreak\t\0\u2028", "🚀 \ud800", "x".repeat(100_000)];
    const many = Array.from({ length: 3_000 }, (_, index) => queued(index + 1, texts[index % texts.length]));
    const store = await open();
    const known = many.map(({ sequence }) => ({ uid: `u-${sequence}`, resourceVersion: "1", count: 1, seenAt: 1 }));
    await store.commit({ queued: many, known, cursors: { chat: 0 } });
    // What JSON cannot hold comes back as JSON has it.
    const expected = JSON.parse(JSON.stringify(many.slice(0, 6)));
    expect(await store.queued("chat", 0, { events: 6, bytes: 1_000 })).toEqual(expected);
    expect((await store.known(known.map(({ uid }) => uid))).size).toBe(3_000);
    expect(await store.backlog()).toEqual(new Map([["chat", { events: 3_000, bytes: 30_000, oldestAt: 1_000 }]]));
  });

  test("of a later kev is refused", async () => {
    await open({ schema: "later" });
    await postgres.sql("UPDATE later.format SET format = 99");
    await expect(open({ schema: "later", name: "another" })).rejects.toMatchObject({
      kind: "usage",
      message: 'the tables in the schema "later" are of a later kev',
    });
  });

  test("lies in a schema that is there and may be used, by one who may make none", async () => {
    await postgres.sql("CREATE ROLE guest LOGIN PASSWORD 'guest'; CREATE SCHEMA given AUTHORIZATION guest");
    const url = postgres.url().replace(/kev:[^@]*/, "guest");
    const env = { PGPASSWORD: "guest" };
    await open({ url, env, schema: "given" });
    await expect(open({ url, env, schema: "other" })).rejects.toMatchObject({
      kind: "usage",
      message: `cannot use the state in PostgreSQL at ${place()}: permission denied for database kev`,
    });
  });

  test.each([
    [
      "a wrong password",
      (url: string) => url.replace(/kev:[^@]*/, "kev:wrong-secret"),
      (port: number) =>
        `cannot use the state in PostgreSQL at 127.0.0.1:${port}/kev: password authentication failed for user "kev"`,
    ],
    [
      "a database that is missing",
      (url: string) => url.replace(/kev$/, "none"),
      (port: number) => `cannot use the state in PostgreSQL at 127.0.0.1:${port}/none: database "none" does not exist`,
    ],
    [
      "a file of authorities that is missing",
      (url: string) => `${url}?sslmode=require&sslrootcert=/none`,
      (port: number) =>
        `cannot use the state in PostgreSQL at 127.0.0.1:${port}/kev: ENOENT: no such file or directory, open '/none'`,
    ],
    [
      "a server without TLS where it is asked for",
      (url: string) => `${url}?sslmode=require`,
      (port: number) =>
        `cannot use the state in PostgreSQL at 127.0.0.1:${port}/kev: The server does not support SSL connections`,
    ],
    [
      "a URL of something else",
      () => "mysql://kev:wrong-secret@127.0.0.1/kev",
      () => "the URL of a PostgreSQL database must be like postgres://USER:PASSWORD@HOST:5432/DATABASE",
    ],
  ])("with %s is refused", async (_what, urlOf, message) => {
    await expect(open({ url: urlOf(postgres.url()) })).rejects.toMatchObject({
      kind: "usage",
      message: message(postgres.port),
    });
  });
});
