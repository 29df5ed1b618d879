import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { createMemoryTrackStore } from "../../src/track/memory-track-store.ts";
import { createObjectTracking, type ObjectTracking, type TrackObjectsOptions } from "../../src/track/track-objects.ts";
import { combineTrackObservers } from "../../src/track/track-observer.ts";
import type { TrackStore } from "../../src/track/track-store.ts";
import { type ApiStub, json, type StubRequest, startApiStub } from "../support/api-stub.ts";
import { until } from "../support/until.ts";
import { managed, type SampleParts, sampleDeployment } from "./sample-deployment.ts";

// client-node is loaded with the first event, which takes seconds here.
jest.setTimeout(30_000);

let stub: ApiStub;
let connection: StreamingConnection;
let ended: AbortController;
/** Outlives the trackers, as a file does. */
let store: TrackStore;
let tracking: ObjectTracking;
let written: KubeEvent[];

beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
  ended = new AbortController();
  store = createMemoryTrackStore();
  written = [];
});
afterEach(async () => {
  ended.abort();
  connection.close();
  await stub.close();
});

const type = {
  ...{ group: "apps", version: "v1", kind: "Deployment", plural: "deployments", singular: "deployment" },
  ...{ shortNames: ["deploy"], namespaced: true },
};

function track(more: Partial<TrackObjectsOptions> = {}): Promise<void> {
  tracking = createObjectTracking(connection, {
    types: [{ type, apiVersion: "apps/v1", name: "deployments.apps" }],
    ...{ namespace: "prod", instance: "test", debounce: 0, signal: ended.signal },
    store: { ...store, due: (...what) => store.due(...what), close: async () => undefined },
    onEvent: (event) => written.push(event),
    ...more,
  });
  return tracking.run();
}

const list = (resourceVersion: string, items: KubeObject[] = []) =>
  json({ apiVersion: "apps/v1", kind: "DeploymentList", metadata: { resourceVersion }, items });
const stored = (response: ServerResponse, { body }: StubRequest): void => json(JSON.parse(body), 201)(response);

/** Answers the next request with a watch that stays; resolves to what sends on it. */
function watch(): Promise<(type: string, parts: SampleParts) => void> {
  return new Promise((resolve) => {
    stub.next((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      resolve((type, parts) => void response.write(`${JSON.stringify({ type, object: sampleDeployment(parts) })}\n`));
    });
  });
}
const asked = () =>
  stub.requests.map(({ method, url }) => {
    const { pathname, searchParams } = new URL(url, stub.url);
    const kind =
      method === "POST" ? "POST" : searchParams.get("watch") ? `watch ${searchParams.get("resourceVersion")}` : "list";
    return [
      kind,
      pathname.split("/").at(-1),
      searchParams.get("labelSelector") ?? [],
      searchParams.get("fieldSelector") ?? [],
    ]
      .flat()
      .join(" ");
  });
const by = (manager: string) => [managed(manager, "2026-11-23T09:29:59Z", ["spec/replicas"])];

test("begins with what is there, writes what changes, and goes on from there in the next run", async () => {
  stub.next(list("10", [sampleDeployment({ resourceVersion: "5" })]));
  const watching = watch();
  const running = track();
  const send = await watching;
  stub.next(stored);
  send("MODIFIED", { replicas: 3, resourceVersion: "11", managedFields: by("helm") });
  await until(() => written.length === 1);
  expect(await tracking.status()).toEqual({
    types: [{ type: "deployments.apps", isListed: true, isWatching: true }],
    ...{ pending: 0, waiting: 0, oldestAt: undefined },
  });
  ended.abort();
  await running;
  expect(written).toMatchObject([
    {
      metadata: { name: expect.stringMatching(/^ui\.[a-z0-9]{24}$/), namespace: "prod" },
      involvedObject: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: "ui",
        namespace: "prod",
        uid: "uid-ui",
        resourceVersion: "11",
      },
      ...{ reason: "ObjectChanged", type: "Normal", message: "helm (Update) changed spec.replicas: 2 → 3", count: 1 },
      ...{ lastTimestamp: "2026-11-23T09:29:59Z", source: { component: "kev-track", host: "test" } },
    },
  ]);

  ended = new AbortController();
  const next = watch();
  const again = track();
  const sendMore = await next;
  stub.next(stored);
  sendMore("DELETED", { replicas: 3, resourceVersion: "12" });
  await until(() => written.length === 2);
  ended.abort();
  await again;
  expect(written[1]).toMatchObject({ reason: "ObjectDeleted", involvedObject: { resourceVersion: "12" } });
  expect(asked()).toEqual([
    "list deployments",
    "watch 10 deployments",
    "POST events",
    "watch 11 deployments",
    "POST events",
  ]);
});

test("what is found just before the end is written", async () => {
  stub.next(list("10", [sampleDeployment({ resourceVersion: "5" })]));
  const watching = watch();
  const running = track({ debounce: 3_600_000 });
  const send = await watching;
  send("MODIFIED", { replicas: 3, resourceVersion: "11", managedFields: by("helm") });
  await until(async () => (await store.groups()).count === 1);
  stub.next(stored);
  ended.abort();
  await running;
  expect(written).toHaveLength(1);
});

test("a server that does not answer holds up the end for no longer than is given", async () => {
  stub.next(list("10", [sampleDeployment({ resourceVersion: "5" })]));
  const watching = watch();
  const running = track({ debounce: 3_600_000, drainTime: 50 });
  const send = await watching;
  send("MODIFIED", { replicas: 3, resourceVersion: "11", managedFields: by("helm") });
  await until(async () => (await store.groups()).count === 1);
  stub.next(() => undefined);
  ended.abort();
  await running;
  expect(asked().at(-1)).toBe("POST events");
  expect([written, (await store.waiting()).count]).toEqual([[], 1]);
});

test("what is not written at the end, without a state, is counted, be it an event already or not", async () => {
  const lost: number[] = [];
  const observer = { ...combineTrackObservers([]), lost: (events: number) => void lost.push(events) };
  stub.next(list("10", [sampleDeployment({ resourceVersion: "5" })]));
  const watching = watch();
  const running = track({ debounce: 3_600_000, observer });
  const send = await watching;
  send("MODIFIED", { replicas: 3, resourceVersion: "11", managedFields: by("helm") });
  await until(async () => (await store.groups()).count === 1);
  store = { ...store, due: () => Promise.reject(new Error("a mistake")) };
  send("MODIFIED", { replicas: 4, resourceVersion: "12", managedFields: by("helm") });
  await expect(running).rejects.toThrow("a mistake");
  expect(lost).toEqual([1]);
});

describe("with a selector", () => {
  test.each([
    ["left", true, "kubectl-label (Update) changed metadata.labels.app: ui → other"],
    ["was deleted", false, "It was deleted; by whom, the API server does not say"],
  ])("what %s is said so", async (_what, isThere, message) => {
    stub.next(list("10", [sampleDeployment({ resourceVersion: "5", labels: { app: "ui" } })]));
    const watching = watch();
    const running = track({ selector: "app=ui" });
    const send = await watching;
    const managedFields = [managed("kubectl-label", "2026-11-23T09:29:59Z", ["metadata/labels/app"])];
    stub.next(
      list("12", isThere ? [sampleDeployment({ resourceVersion: "11", labels: { app: "other" }, managedFields })] : []),
    );
    if (isThere) stub.next(list("12"));
    stub.next(stored);
    send("DELETED", { resourceVersion: "11", labels: { app: "ui" } });
    await until(() => written.length === 1);
    ended.abort();
    await running;
    expect(written[0]?.message).toBe(message);
    expect(asked().slice(2)).toEqual([
      "list deployments metadata.name=ui",
      ...(isThere ? ["list deployments app=ui metadata.name=ui"] : []),
      "POST events",
    ]);
    expect(await store.known("deployments.apps", "uid-ui")).toBeUndefined();
  });

  test("what left and comes back is not said to be made, however new it is", async () => {
    const managedFields = [managed("kubectl-create", "2026-11-23T09:00:00Z", ["spec/replicas"])];
    const made = { creationTimestamp: "2026-11-23T09:00:00Z", managedFields };
    stub.next(list("10", [sampleDeployment({ resourceVersion: "5", labels: { app: "ui" }, ...made })]));
    const watching = watch();
    const running = track({ selector: "app=ui" });
    const send = await watching;
    stub.next(list("12", [sampleDeployment({ resourceVersion: "11", labels: { app: "other" }, ...made })]));
    stub.next(list("12"));
    stub.next(stored);
    send("DELETED", { resourceVersion: "11", labels: { app: "ui" }, ...made });
    await until(() => written.length === 1);
    send("ADDED", { resourceVersion: "12", labels: { app: "ui" }, ...made });
    stub.next(list("14", []));
    stub.next(stored);
    send("DELETED", { resourceVersion: "13", labels: { app: "ui" }, ...made });
    await until(() => written.length === 2);
    ended.abort();
    await running;
    expect(written[1]?.message).toBe("It was deleted; by whom, the API server does not say");
  });

  describe("and a run that was not there meanwhile", () => {
    const ui = { labels: { app: "ui" } };

    async function begin(items: KubeObject[]): Promise<void> {
      stub.next(list("10", items));
      const watching = watch();
      const running = track({ selector: "app=ui" });
      await watching;
      ended.abort();
      await running;
      ended = new AbortController();
    }

    test("what left, came back and was changed is told once", async () => {
      await begin([sampleDeployment({ resourceVersion: "5", ...ui })]);
      const watching = watch();
      const running = track({ selector: "app=ui" });
      const send = await watching;
      const now = sampleDeployment({ resourceVersion: "13", replicas: 3, managedFields: by("helm"), ...ui });
      stub.next(list("13", [now]));
      stub.next(list("13", [now]));
      stub.next(stored);
      send("DELETED", { resourceVersion: "11", ...ui });
      send("ADDED", { resourceVersion: "12", ...ui });
      send("MODIFIED", { resourceVersion: "13", replicas: 3, managedFields: by("helm"), ...ui });
      await until(() => written.length === 1);
      stub.next(stored);
      send("MODIFIED", { resourceVersion: "14", replicas: 4, managedFields: by("helm"), ...ui });
      await until(() => written.length === 2);
      ended.abort();
      await running;
      expect(written.map(({ message }) => message)).toEqual([
        "helm (Update) changed spec.replicas: 2 → 3",
        "helm (Update) changed spec.replicas: 3 → 4",
      ]);
    });

    test("what left, came back, was changed and left again is told once", async () => {
      await begin([sampleDeployment({ resourceVersion: "5", ...ui })]);
      const watching = watch();
      const running = track({ selector: "app=ui" });
      const send = await watching;
      const managedFields = by("helm");
      const now = sampleDeployment({ resourceVersion: "14", replicas: 3, labels: { app: "x" }, managedFields });
      stub.next(list("14", [now]));
      stub.next(list("14"));
      send("DELETED", { resourceVersion: "11", ...ui });
      stub.next(stored);
      await until(() => written.length === 1);
      stub.next(list("14", [now]));
      stub.next(list("14"));
      send("ADDED", { resourceVersion: "12", ...ui });
      send("MODIFIED", { resourceVersion: "13", replicas: 3, managedFields, ...ui });
      send("DELETED", { resourceVersion: "14", replicas: 3, managedFields, ...ui });
      stub.next(stored);
      send("ADDED", { resourceVersion: "15", replicas: 3, managedFields, ...ui });
      send("MODIFIED", { resourceVersion: "16", replicas: 4, managedFields, ...ui });
      await until(() => written.length === 2);
      ended.abort();
      await running;
      expect(written.map(({ message }) => message)).toEqual([
        "an unknown manager changed metadata.labels.app: ui → x. helm (Update) changed spec.replicas: 2 → 3",
        "helm (Update) changed spec.replicas: 3 → 4",
      ]);
    });

    test("what was made and edited is told, and what was there before and came in is not", async () => {
      await begin([]);
      const edited = (name: string, creationTimestamp: string): KubeObject => {
        const managedFields = [managed("kubectl-create", creationTimestamp, []), ...by("helm")];
        const object = sampleDeployment({ resourceVersion: "15", managedFields, ...ui });
        return { ...object, metadata: { ...object.metadata, name, uid: name, creationTimestamp } };
      };
      stub.next(json({ kind: "Status", status: "Failure", code: 410, reason: "Expired", message: "too old" }, 410));
      const later = new Date(Date.now() + 60_000).toISOString().replace(/\.\d+/, "");
      stub.next(list("20", [edited("came", "2026-11-23T08:00:00Z"), edited("made", later)]));
      const watching = watch();
      const running = track({ selector: "app=ui", debounce: 3_600_000 });
      await watching;
      await until(async () => (await store.groups()).count > 0);
      stub.next(stored);
      ended.abort();
      await running;
      expect(written.map(({ reason, involvedObject: { name } }) => [reason, name])).toEqual([
        ["ObjectCreated", "made"],
      ]);
    });
  });

  test("what comes in, and has no managed fields, is not said to be made", async () => {
    stub.next(list("10", []));
    const watching = watch();
    const running = track({ selector: "app=ui" });
    const send = await watching;
    send("ADDED", { resourceVersion: "11", labels: { app: "ui" } });
    stub.next(list("13", []));
    stub.next(stored);
    send("DELETED", { resourceVersion: "12", labels: { app: "ui" } });
    await until(() => written.length === 1);
    ended.abort();
    await running;
    expect(written.map(({ message }) => message)).toEqual(["It was deleted; by whom, the API server does not say"]);
  });
});

describe("does not begin", () => {
  test.each([
    ["where the types may not be read", 403, "Forbidden", "no", "refused"],
    ["with a selector that is none", 400, "BadRequest", "unable to parse requirement: x", "failed"],
  ])("%s", async (_what, code, reason, message, kind) => {
    stub.next(json({ kind: "Status", status: "Failure", code, reason, message }, code));
    await expect(track()).rejects.toMatchObject({ kind, message });
  });

  test.each([
    [{ namespace: "dev" }, "the state is about the objects of the namespace prod"],
    [{ selector: "app=ui" }, "the state is about all objects"],
  ])("with the state of others: %j", async (more, message) => {
    await store.commit({ identity: { cluster: connection.server, namespace: "prod", selector: "" } });
    await expect(track(more)).rejects.toMatchObject({ kind: "usage", message });
  });
});
