import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ObjectReference } from "../../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../../src/kube/connect.ts";
import { createObjectReader, type ObjectReader } from "../../../src/route/core/object-reader.ts";
import { type ApiStub, json, startApiStub } from "../../support/api-stub.ts";
import { type FakeClock, fakeClock } from "../../support/fake-clock.ts";
import { type RecordingObserver, recordingObserver } from "../../support/recording-observer.ts";

let stub: ApiStub;
let connection: StreamingConnection;
let clock: FakeClock;
let observer: RecordingObserver;
let reader: ObjectReader;
let ended: AbortController;

beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
  clock = fakeClock("2026-11-23T09:30:00Z");
  observer = recordingObserver();
  ended = new AbortController();
  reader = createObjectReader(connection, { cache: 2, maxAge: 300_000, clock, random: () => 1, observer });
});
afterEach(async () => {
  connection.close();
  await stub.close();
});

const pod = (name: string, more: ObjectReference = {}): ObjectReference => ({
  apiVersion: "v1",
  kind: "Pod",
  namespace: "prod",
  name,
  uid: `uid-${name}`,
  ...more,
});
const owners = [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "ui", uid: "u-1", controller: true }];
const stored = (name: string, metadata: object = {}) =>
  json({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "prod", uid: `uid-${name}`, labels: { app: name }, ...metadata },
  });
const refusal = (code: number, reason: string) =>
  json({ kind: "Status", status: "Failure", reason, message: reason, code }, code);
const facts = (reference: ObjectReference) => reader.facts(reference, ended.signal);
const paths = () => stub.requests.map(({ url }) => url);

describe("the object of an event", () => {
  test("says its labels, annotations and owners", async () => {
    stub.next(stored("a", { annotations: { note: "x" }, ownerReferences: owners }));
    expect(await facts(pod("a"))).toEqual({ labels: { app: "a" }, annotations: { note: "x" }, owners });
    expect(paths()).toEqual(["/api/v1/namespaces/prod/pods/a"]);
  });

  test("of a type without namespaces is read where it is", async () => {
    stub.next(json({ apiVersion: "v1", kind: "Node", metadata: { name: "node-1", uid: "u-9" } }));
    const node = { kind: "Node", apiVersion: "v1", name: "node-1", uid: "node-1", namespace: "default" };
    expect(await facts(node)).toEqual({ labels: {}, annotations: {}, owners: [] });
    expect(paths()).toEqual(["/api/v1/nodes/node-1"]);
  });

  test.each([
    ["that is gone", (): void => stub.next(refusal(404, "NotFound"))],
    ["whose name another one has now", (): void => stub.next(stored("a", { uid: "a later one" }))],
  ])("%s says nothing", async (_what, prepare) => {
    prepare();
    expect(await facts(pod("a"))).toBeUndefined();
    expect(observer.told).toEqual([]);
  });

  test.each([
    ["without a name", pod("a", { name: "" })],
    ["whose name leads elsewhere", pod("a", { name: "../secrets" })],
    ["without a namespace", pod("a", { namespace: "" })],
  ])("%s is not asked for", async (_what, reference) => {
    expect(await facts(reference)).toBeUndefined();
    expect([paths(), observer.told]).toEqual([[], []]);
  });

  test("that may not be read says nothing, which is told once for its type", async () => {
    stub.next(refusal(403, "Forbidden"));
    stub.next(refusal(403, "Forbidden"));
    expect(await facts(pod("a"))).toBeUndefined();
    expect(await facts(pod("b"))).toBeUndefined();
    expect(observer.told).toEqual([["disconnected", "owners", expect.stringContaining("Forbidden"), 300_000]]);
  });

  test("is waited for while the server fails", async () => {
    stub.next(refusal(503, "ServiceUnavailable"));
    stub.next(refusal(429, "TooManyRequests"));
    stub.next(stored("a"));
    expect(await facts(pod("a"))).toEqual({ labels: { app: "a" }, annotations: {}, owners: [] });
    expect(clock.slept).toEqual([250, 500]);
    expect(observer.told).toEqual([
      ["disconnected", "owners", expect.any(String), 250],
      ["disconnected", "owners", expect.any(String), 500],
    ]);
  });

  test("that the server fails to read, and nothing but it, is given up; others of its type at once", async () => {
    const broken = { apiVersion: "v1", kind: "Service" };
    for (let tries = 0; tries < 7; tries++) stub.next(refusal(500, "InternalError"));
    stub.next(json({ items: [] }));
    expect(await facts(pod("a", broken))).toBeUndefined();
    expect(clock.slept).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000]);
    expect(paths().slice(-2)).toEqual(["/api/v1/namespaces/prod/services/a", "/api/v1/events?limit=1"]);
    expect(observer.told.at(-1)).toEqual(["disconnected", "owners", expect.any(String), 300_000]);
    stub.next(refusal(500, "InternalError"));
    stub.next(json({ items: [] }));
    expect(await facts(pod("b", broken))).toBeUndefined();
    expect(clock.slept).toHaveLength(6);
    expect(observer.told).toHaveLength(7);
  });

  test("is waited for when the server fails to list events, too", async () => {
    for (let tries = 0; tries < 8; tries++) stub.next(refusal(500, "InternalError"));
    stub.next(stored("a"));
    expect(await facts(pod("a"))).toEqual({ labels: { app: "a" }, annotations: {}, owners: [] });
    expect(paths().slice(-3)).toEqual([
      "/api/v1/namespaces/prod/pods/a",
      "/api/v1/events?limit=1",
      "/api/v1/namespaces/prod/pods/a",
    ]);
  });

  test("is not waited for at the end", async () => {
    const reason = new Error("over");
    stub.next((response) => {
      ended.abort(reason);
      refusal(503, "ServiceUnavailable")(response);
    });
    await expect(facts(pod("a"))).rejects.toBe(reason);
  });
});

describe("objects that were read", () => {
  test("are remembered until they are too old, and asked for once at a time", async () => {
    stub.next(stored("a"));
    const [first, second] = await Promise.all([facts(pod("a")), facts(pod("a"))]);
    expect(second).toEqual(first);
    await clock.sleep(299_999);
    await facts(pod("a"));
    expect(reader.status).toEqual({ cached: 1, hits: 2, misses: 1 });
    await clock.sleep(1);
    stub.next(stored("a", { labels: { app: "later" } }));
    expect(await facts(pod("a"))).toEqual({ labels: { app: "later" }, annotations: {}, owners: [] });
    expect(reader.status).toEqual({ cached: 1, hits: 2, misses: 2 });
  });

  test("are no more than may be remembered; those that were read first go", async () => {
    for (const name of ["a", "b", "c"]) {
      stub.next(stored(name));
      await facts(pod(name));
    }
    await facts(pod("c"));
    await facts(pod("b"));
    stub.next(stored("a"));
    await facts(pod("a"));
    expect(paths().map((path) => path.at(-1))).toEqual(["a", "b", "c", "a"]);
    expect(reader.status).toEqual({ cached: 2, hits: 2, misses: 4 });
  });
});
