import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { createDecisionWatch, type DecisionWatch } from "../../src/gate/decision-watch.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { until } from "../support/until.ts";

let stub: ApiStub;
let connection: StreamingConnection;
let ended: AbortController;
let running: Promise<void>;
let watch: DecisionWatch;
let told: string[];
/** The watch that is open. */
let open: ServerResponse | undefined;

beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
  ended = new AbortController();
  running = Promise.resolve();
  told = [];
  open = undefined;
  watch = createDecisionWatch(connection, {
    clock: fakeClock("2026-11-24T12:00:00Z"),
    onDecision: ({ namespace, name }) => told.push(`${namespace}/${name}`),
    onSynced: ({ cause }) => told.push(`synced ${cause}`),
    onFailed: ({ during }) => told.push(`failed ${during}`),
  });
});

afterEach(async () => {
  ended.abort();
  await running;
  connection.close();
  await stub.close();
});

function event(name: string, resourceVersion: string, more: Partial<KubeEvent> = {}): KubeEvent {
  return {
    metadata: { name, namespace: "prod", uid: `uid-${name}`, resourceVersion },
    involvedObject: { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "ui" },
    reason: "Approval",
    ...more,
  };
}

const list = (resourceVersion: string, ...items: KubeEvent[]) =>
  json({ kind: "EventList", apiVersion: "v1", metadata: { resourceVersion }, items });

/** A watch that stays. */
function watching(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
  open = response;
}

const send = (type: "ADDED" | "MODIFIED" | "DELETED", object: KubeEvent): void =>
  void open?.write(`${JSON.stringify({ type, object })}\n`);
const names = (deployment = "ui"): (string | undefined)[] =>
  watch.about("prod", deployment).map(({ metadata }) => metadata.name);

async function start(...items: KubeEvent[]): Promise<void> {
  stub.next(list("10", ...items));
  stub.next(watching);
  running = watch.run(ended.signal);
  await until(() => open !== undefined);
}

test("it knows nothing and is not connected before it has listed", () => {
  expect({ ...watch, names: names() }).toMatchObject({ isConnected: false, hasSynced: false, names: [] });
});

test("it knows what was there, of Deployments and decisions only, and asks for no more", async () => {
  const other = event("other", "3", { reason: "ScalingReplicaSet" });
  const pod = event("pod", "4", { involvedObject: { kind: "Pod", name: "ui", namespace: "prod" } });
  await start(event("a", "2"), other, pod, event("r", "5", { reason: "ApprovalRevoked" }));
  expect(names()).toEqual(["a", "r"]);
  expect(told).toEqual(["prod/ui", "prod/ui", "synced start"]);
  expect(watch).toMatchObject({ isConnected: true, hasSynced: true });
  const queries = stub.requests.map(({ url }) => new URL(url, stub.url).searchParams.get("fieldSelector"));
  expect(queries).toEqual(Array(2).fill("involvedObject.kind=Deployment"));
});

test("it keeps apart what is about other Deployments and other namespaces", async () => {
  const elsewhere = event("b", "3");
  await start(
    event("a", "2"),
    { ...elsewhere, metadata: { ...elsewhere.metadata, namespace: "test" } },
    event("c", "4", { involvedObject: { kind: "Deployment", name: "db", namespace: "prod" } }),
  );
  expect(names()).toEqual(["a"]);
  expect(names("db")).toEqual(["c"]);
  expect(watch.about("test", "ui").map(({ metadata }) => metadata.name)).toEqual(["b"]);
  expect(watch.about("test", "db")).toEqual([]);
});

test("it keeps what decides, and nothing that anybody may make large", async () => {
  const made = event("a", "2");
  const long = "x".repeat(1_000_000);
  const { annotations } = made.metadata;
  await start({
    ...made,
    metadata: {
      ...made.metadata,
      annotations: { ...annotations, note: long },
      labels: { a: long },
      managedFields: [{}],
    },
    message: long,
    action: long,
  } as KubeEvent);
  const [kept] = watch.about("prod", "ui");
  expect(kept).toMatchObject({ metadata: made.metadata, involvedObject: made.involvedObject, reason: made.reason });
  expect(JSON.stringify(kept).length).toBeLessThan(2_000);
});

describe("a decision", () => {
  test("that comes is known, and told", async () => {
    await start();
    send("ADDED", event("a", "11"));
    await until(() => names().length === 1);
    expect(told).toEqual(["synced start", "prod/ui"]);
  });

  test("that is deleted is forgotten", async () => {
    await start(event("a", "2"), event("b", "3"));
    send("DELETED", event("a", "11"));
    await until(() => names().length === 1);
    expect(names()).toEqual(["b"]);
  });

  test("that becomes another event is forgotten", async () => {
    await start(event("a", "2"));
    send("MODIFIED", event("a", "11", { reason: "Tested" }));
    await until(() => names().length === 0);
  });

  test("that is changed is known as it is now, about whatever it is now", async () => {
    await start(event("a", "2"));
    send("MODIFIED", event("a", "11", { message: "again" }));
    await until(() => watch.about("prod", "ui")[0]?.message === "again");
    expect(names()).toEqual(["a"]);
    send("MODIFIED", event("a", "12", { involvedObject: { kind: "Deployment", name: "db", namespace: "prod" } }));
    await until(() => names("db").length === 1);
    expect(names()).toEqual([]);
  });
});

describe("a watch that breaks", () => {
  test("leaves it unconnected until everything is listed again", async () => {
    await start(event("a", "2"));
    const broken = open;
    open = undefined;
    stub.next(json({ kind: "Status", status: "Failure", code: 500, reason: "InternalError" }, 500));
    let answerList: (() => void) | undefined;
    stub.next((response) => {
      answerList = () => list("20", event("a", "2"), event("b", "11"))(response);
    });
    stub.next(watching);
    broken?.destroy();
    await until(() => answerList !== undefined);
    expect(told.filter((line) => line.startsWith("failed"))).not.toEqual([]);
    // It is not forgotten, but nobody may go by it alone.
    expect(watch).toMatchObject({ isConnected: false, hasSynced: true });
    expect(names()).toEqual(["a"]);
    answerList?.();
    await until(() => open !== undefined);
    expect(watch.isConnected).toBe(true);
    expect(names()).toEqual(["a", "b"]);
  });

  test("forgets what was deleted meanwhile, once it has listed", async () => {
    await start(event("a", "2"), event("b", "3"));
    const broken = open;
    open = undefined;
    stub.next(json({ kind: "Status", status: "Failure", code: 410, reason: "Expired" }, 410));
    stub.next(list("20", event("b", "3")));
    stub.next(watching);
    broken?.end();
    await until(() => open !== undefined);
    expect(names()).toEqual(["b"]);
    expect(watch.isConnected).toBe(true);
    expect(told.at(-1)).toBe("synced expired");
  });
});

test("after its end it is not connected", async () => {
  await start(event("a", "2"));
  ended.abort();
  await running;
  expect(watch.isConnected).toBe(false);
});
