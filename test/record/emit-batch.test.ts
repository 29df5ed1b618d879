import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { type BatchLine, type BatchOutcome, type EmitBatchInput, emitBatch } from "../../src/record/emit-batch.ts";
import { usageError } from "../../src/util/errors.ts";
import { InterruptedError } from "../../src/util/interrupted-error.ts";
import { notFound } from "../kube/scripted-connection.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { apiError, type ScriptedEvents, scriptedEvents } from "./scripted-events.ts";

const deployments = "GET /apis/apps/v1/namespaces/default/deployments";
const settings = {
  clock: fakeClock("2026-11-28T09:30:00Z"),
  hostName: () => "laptop",
  random: () => 0,
  concurrency: 2,
};

function object(name: string, more: object = {}) {
  return { metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "42" }, ...more };
}
const entry = (line: number, name: string, message = ""): BatchLine => ({
  line,
  entry: { object: name, what: "Tested", message },
});

async function all(connection: ScriptedEvents, input: EmitBatchInput): Promise<BatchOutcome[]> {
  const outcomes: BatchOutcome[] = [];
  for await (const outcome of emitBatch(connection, { ...settings, ...input })) outcomes.push(outcome);
  return outcomes;
}
/** `3 created`, `4 failed: MESSAGE`. */
const short = (outcome: BatchOutcome): string =>
  `${outcome.line} ${outcome.outcome}${outcome.outcome === "failed" ? `: ${outcome.error.message}` : ""}`;
const sent = (connection: ScriptedEvents) =>
  connection.created.map(({ body }) => (body as unknown as KubeEvent).message);

describe("a batch", () => {
  test("is written in order, and an object is looked up once", async () => {
    const connection = scriptedEvents(["stored", "stored", "stored"], { [`${deployments}/ui`]: [object("ui")] });
    const lines = [entry(1, "ui", "a"), entry(2, "ui", "b"), entry(3, "ui", "c")];
    expect((await all(connection, { lines })).map(short)).toEqual(["1 created", "2 created", "3 created"]);
    expect(sent(connection)).toEqual(["a", "b", "c"]);
  });

  test("goes on after a line that is bad, an object that is missing, and an event that is refused", async () => {
    const script = {
      [`${deployments}/ui`]: [object("ui")],
      [`${deployments}/gone`]: [notFound("deployments", "apps", "gone")],
    };
    const connection = scriptedEvents([apiError(403, "Forbidden"), "stored"], script);
    const bad = { line: 2, error: usageError("it is no JSON") };
    const tooLong: BatchLine = { line: 5, entry: { object: "ui", what: "Tested", message: "x".repeat(1_025) } };
    const lines = [entry(1, "ui"), bad, entry(3, "gone"), entry(4, "ui"), tooLong];
    const outcomes = await all(connection, { lines, concurrency: 1 });
    expect(outcomes.map(short)).toEqual([
      "1 failed: Forbidden!",
      "2 failed: it is no JSON",
      expect.stringMatching(/^3 failed: .*"gone" not found/),
      "4 created",
      "5 failed: message is 1025 bytes long, the limit is 1024",
    ]);
  });

  test("looks an object up anew where it was missing", async () => {
    const script = { [`${deployments}/ui`]: [notFound("deployments", "apps", "ui"), object("ui")] };
    const connection = scriptedEvents(["stored"], script);
    const outcomes = await all(connection, { lines: [entry(1, "ui"), entry(2, "ui")], concurrency: 1 });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["failed", "created"]);
  });

  test("looks an object up anew for each decision: its release may have changed", async () => {
    const template = { spec: { containers: [{ name: "ui", image: "nginx:1.27" }] } };
    const ui = object("ui", { spec: { template } });
    const connection = scriptedEvents(["stored", "stored"], {
      [`${deployments}/ui`]: [ui, ui],
      "POST /apis/authentication.k8s.io/v1/selfsubjectreviews": [{ status: { userInfo: { username: "jane" } } }],
    });
    const approval = (line: number): BatchLine => ({ line, entry: { object: "ui", what: "approve" } });
    const outcomes = await all(connection, { lines: [approval(1), approval(2)], concurrency: 1 });
    expect(outcomes.map(short)).toEqual(["1 created", "2 created"]);
  });

  test("counts what was sent again, line by line", async () => {
    const connection = scriptedEvents([apiError(503, "Busy"), apiError(503, "Busy"), "stored", "stored"], {
      [`${deployments}/ui`]: [object("ui")],
    });
    const outcomes = await all(connection, { lines: [entry(1, "ui"), entry(2, "ui")], concurrency: 1 });
    expect(outcomes.map(({ retries }) => retries)).toEqual([2, 0]);
  });

  test("counts the tries of a look-up with the line that it was made for", async () => {
    const connection = scriptedEvents(["stored", "stored"], {
      [`${deployments}/ui`]: [apiError(503, "Busy"), apiError(503, "Busy"), object("ui")],
      "GET /api/v1/nodes/n": [apiError(503, "Busy"), { metadata: { name: "n", uid: "uid-n" } }],
    });
    const related: BatchLine = { line: 2, entry: { object: "ui", what: "Tested", related: "node/n" } };
    const outcomes = await all(connection, { lines: [entry(1, "ui"), related], concurrency: 2 });
    expect(outcomes.map(({ retries }) => retries)).toEqual([2, 1]);
  });

  test("looks an object up anew after a minute: it may be another one", async () => {
    const clock = fakeClock("2026-11-28T09:30:00Z");
    const other = { metadata: { ...object("ui").metadata, uid: "uid-of-another" } };
    const connection = scriptedEvents(["stored", "stored", "stored"], { [`${deployments}/ui`]: [object("ui"), other] });
    async function* lines(): AsyncGenerator<BatchLine> {
      yield entry(1, "ui");
      await clock.sleep(59_999);
      yield entry(2, "ui");
      await clock.sleep(1);
      yield entry(3, "ui");
    }
    await all(connection, { lines: lines(), clock, concurrency: 1 });
    const uids = connection.created.map(({ body }) => (body as unknown as KubeEvent).involvedObject.uid);
    expect(uids).toEqual(["uid-ui", "uid-ui", "uid-of-another"]);
  });

  test("learns of a type that was not there a minute before", async () => {
    const clock = fakeClock("2026-11-28T09:30:00Z");
    const groups = (...items: object[]) => ({
      kind: "APIGroupDiscoveryList",
      apiVersion: "apidiscovery.k8s.io/v2",
      items,
    });
    const widgets = {
      resource: "widgets",
      responseKind: { kind: "Widget" },
      scope: "Namespaced",
      singularResource: "widget",
    };
    const shop = { metadata: { name: "shop.test" }, versions: [{ version: "v1", resources: [widgets] }] };
    const connection = scriptedEvents(["stored"], {
      "GET /api": [groups(), groups()],
      "GET /apis": [groups(), groups(shop)],
      "GET /apis/shop.test/v1/namespaces/default/widgets/w": [object("w")],
    });
    async function* lines(): AsyncGenerator<BatchLine> {
      yield entry(1, "widget/w");
      yield entry(2, "widget/w");
      await clock.sleep(60_000);
      yield entry(3, "widget/w");
    }
    const outcomes = await all(connection, { lines: lines(), clock, concurrency: 1 });
    expect(outcomes.map(short)).toEqual([
      '1 failed: the server doesn\'t have a resource type "widget"',
      '2 failed: the server doesn\'t have a resource type "widget"',
      "3 created",
    ]);
  });

  test("looks an object up anew when its namespace is gone", async () => {
    const script = { [`${deployments}/ui`]: [object("ui"), notFound("deployments", "apps", "ui")] };
    const connection = scriptedEvents([notFound("namespaces", "", "default")], script);
    const outcomes = await all(connection, { lines: [entry(1, "ui"), entry(2, "ui")], concurrency: 1 });
    expect(outcomes.map(short)).toEqual([
      '1 failed: namespaces "default" not found',
      '2 failed: deployments.apps "ui" not found',
    ]);
  });

  test("looks an object up once for each of its containers' events", async () => {
    const pod = object("web", { spec: { containers: [{ name: "app" }, { name: "proxy" }] } });
    const connection = scriptedEvents(["stored", "stored"], { "GET /api/v1/namespaces/default/pods/web": [pod] });
    const of = (line: number, container: string): BatchLine => ({
      line,
      entry: { object: "pod/web", what: "Tested", container },
    });
    const outcomes = await all(connection, { lines: [of(1, "app"), of(2, "proxy"), of(3, "none")] });
    expect(outcomes.map(short)).toEqual([
      "1 created",
      "2 created",
      "3 failed: container none is not valid for pod web",
    ]);
    const paths = connection.created.map(({ body }) => (body as unknown as KubeEvent).involvedObject.fieldPath);
    expect(paths).toEqual(["spec.containers{app}", "spec.containers{proxy}"]);
  });

  test("says of an event whose answer was lost that it may be stored", async () => {
    const cut = new UnreachableError("cut", "EOF");
    const connection = scriptedEvents([cut], { [`${deployments}/ui`]: [object("ui")] });
    const [outcome] = await all(connection, { lines: [entry(1, "ui")], retryTimeout: 0 });
    expect(outcome).toMatchObject({ line: 1, outcome: "failed", error: { inDoubt: true, kind: "unreachable" } });
  });

  test("makes decisions one after the other, whichever answer comes first", async () => {
    const ui = object("ui", { spec: { template: { spec: { containers: [{ name: "ui", image: "nginx:1.27" }] } } } });
    const connection = scriptedEvents([apiError(503, "Busy"), "stored", "stored"], {
      [`${deployments}/ui`]: [ui, ui],
      "POST /apis/authentication.k8s.io/v1/selfsubjectreviews": [{ status: { userInfo: { username: "jane" } } }],
    });
    const lines: BatchLine[] = [
      { line: 1, entry: { object: "ui", what: "approve" } },
      { line: 2, entry: { object: "ui", what: "revoke", message: "too soon" } },
    ];
    const outcomes = await all(connection, { lines, concurrency: 5 });
    expect(outcomes.map(short)).toEqual(["1 created", "2 created"]);
    const reasons = connection.created.map(({ body }) => (body as unknown as KubeEvent).reason);
    expect(reasons).toEqual(["Approval", "Approval", "ApprovalRevoked"]);
  });

  test("tells of a line at once, though the next one is not there yet", async () => {
    const connection = scriptedEvents(["stored"], { [`${deployments}/ui`]: [object("ui")] });
    const abort = new AbortController();
    async function* lines(): AsyncGenerator<BatchLine> {
      yield entry(1, "ui");
      await new Promise(() => undefined);
    }
    const batch = emitBatch(connection, { ...settings, concurrency: 5, lines: lines(), signal: abort.signal });
    expect((await batch.next()).value).toMatchObject({ line: 1, outcome: "created" });
    // Who waits for a source that never comes can be interrupted.
    const next = batch.next();
    abort.abort(new InterruptedError("SIGTERM"));
    await expect(next).rejects.toMatchObject({ kind: "interrupted" });
  });

  test("whose source fails tells of all that was under way, and then of that", async () => {
    const connection = scriptedEvents(["stored", "stored"], { [`${deployments}/ui`]: [object("ui")] });
    async function* lines(): AsyncGenerator<BatchLine> {
      yield entry(1, "ui");
      yield entry(2, "ui");
      throw new Error("the disk is gone");
    }
    const outcomes: string[] = [];
    const run = async (): Promise<void> => {
      for await (const outcome of emitBatch(connection, { ...settings, concurrency: 5, lines: lines() })) {
        outcomes.push(short(outcome));
      }
    };
    await expect(run()).rejects.toThrow("the disk is gone");
    expect(outcomes).toEqual(["1 created", "2 created"]);
  });

  test("that is interrupted begins nothing more, and tells what was sent", async () => {
    const connection = scriptedEvents(["stored"], { [`${deployments}/ui`]: [object("ui")] });
    const abort = new AbortController();
    const outcomes: string[] = [];
    const lines = [entry(1, "ui"), entry(2, "ui"), entry(3, "ui")];
    const run = async (): Promise<void> => {
      const input = { ...settings, concurrency: 1, lines, signal: abort.signal };
      for await (const outcome of emitBatch(connection, input)) {
        outcomes.push(short(outcome));
        abort.abort(new InterruptedError("SIGINT"));
      }
    };
    await expect(run()).rejects.toMatchObject({ kind: "interrupted" });
    expect(outcomes).toEqual(["1 created"]);
    expect(connection.created).toHaveLength(1);
  });
});
