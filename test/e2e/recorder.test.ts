import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { createEventRecorder, type EventRecorder, type RecordOutcome } from "../../src/index.ts";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { fatesBySeed, startFlakyProxy } from "../support/flaky-proxy.ts";
import { installationFolder, nodeVersions } from "../support/packed-cli.ts";
import { startCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

let controlPlane: ControlPlane;
let connection: StreamingConnection;

beforeAll(async () => {
  // One of its own: it is killed.
  controlPlane = await startControlPlane({ controllers: false });
  connection = await connect({ kubeconfig: controlPlane.adminKubeconfig, env: {} });
});
afterAll(async () => {
  connection?.close();
  await controlPlane?.stop();
});

async function makeNamespace(name: string, ...objects: string[]): Promise<void> {
  await connection.request({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name } } });
  const path = `/api/v1/namespaces/${name}/configmaps`;
  for (const object of objects) {
    await connection.request({ method: "POST", path, body: { metadata: { name: object } } });
  }
}

async function eventsOf(namespace: string): Promise<KubeEvent[]> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  return (await connection.request<{ items: KubeEvent[] }>({ path })).items;
}

/** A reference that needs no look-up. */
const configMap = (namespace: string, name: string) => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", namespace, name, uid: `uid-${name}` },
});
/** A connection as a service account with these rights on events, and a URL of its own where one is given. */
async function connectAs(namespace: string, verbs: string, server?: string): Promise<StreamingConnection> {
  await controlPlane.must("create", "serviceaccount", "writer", "-n", namespace);
  await controlPlane.must("create", "role", "writer", `--verb=${verbs}`, "--resource=events", "-n", namespace);
  const binding = ["--role=writer", `--serviceaccount=${namespace}:writer`, "-n", namespace];
  await controlPlane.must("create", "rolebinding", "writer", ...binding);
  const token = await controlPlane.tokenFor("writer", namespace);
  const kubeconfig = await controlPlane.kubeconfigWith({ token }, namespace);
  const direct = await connect({ kubeconfig, env: {} });
  // The API server hears of a role in a moment.
  await until(() =>
    Promise.all(verbs.split(",").map((verb) => isAllowed(direct, namespace, verb))).then((all) => all.every(Boolean)),
  );
  direct.close();
  return await connect({ kubeconfig, server, env: {} });
}

async function isAllowed(own: StreamingConnection, namespace: string, verb: string): Promise<boolean> {
  const { status } = await own.request<{ status: { allowed: boolean } }>({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
    body: {
      ...{ apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" },
      spec: { resourceAttributes: { namespace, verb, resource: "events" } },
    },
  });
  return status.allowed;
}

const total = (events: readonly KubeEvent[]): number => events.reduce((sum, { count = 1 }) => sum + count, 0);

describe("EventRecorder", () => {
  test("10 distinct messages of one kind become one combined event, as kubectl shows them", async () => {
    await makeNamespace("combined", "job");
    const recorder = createEventRecorder(connection, { namespace: "combined", component: "cook" });
    for (let step = 1; step <= 11; step++) {
      await recorder.record("cm/job", {
        what: "Stepped",
        message: `Step ${step}`,
        annotations: { "example.com/a": "1" },
      });
    }
    const columns = "custom-columns=COUNT:.count,FROM:.reportingComponent,MESSAGE:.message";
    const rows = await controlPlane.must(
      "get",
      "events",
      "-n",
      "combined",
      "--sort-by=.metadata.creationTimestamp",
      "-o",
      columns,
    );
    expect(rows.split("\n").toSorted()).toEqual(
      [
        "",
        "COUNT   FROM   MESSAGE",
        ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((step) => `1       cook   Step ${step}`),
        "2       cook   (combined from similar events): Step 11",
      ].toSorted(),
    );
    const [combined] = (await eventsOf("combined")).filter(({ count }) => count === 2);
    expect(combined?.metadata.annotations).toEqual({ "example.com/a": "1" });
  });

  test("26 of one object are throttled, and counted", async () => {
    await makeNamespace("throttled", "job");
    const recorder = createEventRecorder(connection, { namespace: "throttled" });
    const outcomes: RecordOutcome[] = [];
    for (let time = 1; time <= 26; time++)
      outcomes.push(await recorder.record("cm/job", { what: "Failed", type: "Warning" }));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["created", ...Array(24).fill("counted"), "dropped"]);
    expect(outcomes.at(-1)).toEqual({ outcome: "dropped", why: "throttled" });
    expect(recorder.counts).toMatchObject({
      recorded: 26,
      created: 1,
      counted: 24,
      dropped: { throttled: 1 },
      waiting: 0,
    });
    expect(await eventsOf("throttled")).toMatchObject([{ count: 25, reason: "Failed" }]);
    expect(await recorder.close()).toMatchObject({ lost: [{ object: "cm/job", occurrences: 1, why: "throttled" }] });
  });

  test("a close before the exit stores all, and a program that has recorded ends by itself", async () => {
    await makeNamespace("exit", "job");
    const folder = await mkdtemp(join(installationFolder(), "recorder-"));
    await writeFile(join(folder, "package.json"), '{"type": "module"}');
    await writeFile(
      join(folder, "program.ts"),
      `import { connect, createEventRecorder } from "kev-events";
const connection = await connect();
const recorder = createEventRecorder(connection, { namespace: "exit" });
for (let step = 0; step < 24; step++) recorder.record("cm/job", { what: "Stepped" + (step % 3), message: "again" });
const { lost } = await recorder.close({ signal: AbortSignal.timeout(30_000) });
connection.close();
console.log(JSON.stringify({ lost, counts: recorder.counts }));
`,
    );
    const { bin } = nodeVersions.at(-1) ?? { bin: "" };
    const env = { HOME: folder, KUBECONFIG: controlPlane.adminKubeconfig };
    const { code, stdout, stderr } = await startCommand(join(bin, "node"), ["program.ts"], { cwd: folder, env }).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      lost: [],
      counts: { recorded: 24, created: 3, counted: 21, waiting: 0 },
    });
    expect((await eventsOf("exit")).map(({ reason, count }) => [reason, count]).sort()).toEqual([
      ["Stepped0", 8],
      ["Stepped1", 8],
      ["Stepped2", 8],
    ]);
  });

  test("an event that is gone is created anew", async () => {
    await makeNamespace("gone", "job");
    const recorder = createEventRecorder(connection, { namespace: "gone" });
    const record = () => recorder.record("cm/job", { what: "Stepped" });
    await record();
    await controlPlane.must("delete", "events", "--all", "-n", "gone");
    expect(await record()).toMatchObject({ outcome: "created", event: { count: 1 } });
    expect(await record()).toMatchObject({ outcome: "counted", event: { count: 2 } });
    expect(await eventsOf("gone")).toMatchObject([{ count: 2 }]);
  });

  test("create and patch on events are all the rights it needs, and what is missing is told", async () => {
    await makeNamespace("rights");
    const own = await connectAs("rights", "create,patch");
    const recorder = createEventRecorder(own);
    const job = configMap("rights", "job");
    expect(await recorder.record(job, { what: "Stepped" })).toMatchObject({ outcome: "created" });
    expect(await recorder.record(job, { what: "Stepped" })).toMatchObject({ outcome: "counted" });
    const elsewhere = configMap("default", "job");
    const refusal = {
      outcome: "dropped",
      why: "refused",
      error: { hint: expect.stringContaining("kubectl create role kev-create-events --verb=create --resource=events") },
    };
    expect(await recorder.record(elsewhere, { what: "Stepped" })).toMatchObject(refusal);
    const absent = { ...job, namespace: "absent" };
    expect(await createEventRecorder(connection).record(absent, { what: "Stepped" })).toMatchObject({
      why: "not-found",
    });
    own.close();
  });

  test("the API server is killed and started again in the middle: nothing lost, nothing doubled", async () => {
    await makeNamespace("killed");
    const recorder = createEventRecorder(connection, { component: "worker" });
    const outcomes: Promise<RecordOutcome>[] = [];
    const record = (object: number, message: string): void => {
      outcomes.push(recorder.record(configMap("killed", `job-${object}`), { what: "Stepped", message }));
    };
    const round = async (name: string): Promise<void> => {
      for (let object = 0; object < 60; object++) {
        for (const message of [name, "again", "again"]) record(object, message);
        if (object % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await round("before");
    await until(() => recorder.counts.created > 30);
    const down = controlPlane.killApiServer();
    await round("during");
    await down;
    await round("down");
    await controlPlane.startApiServer();
    await round("after");
    expect(await recorder.flush()).toEqual({ lost: [], waiting: [] });
    expect(recorder.counts).toMatchObject({ recorded: 720, waiting: 0, unchanged: 0 });
    expect(recorder.counts.retries).toBeGreaterThan(0);
    const events = await eventsOf("killed");
    expect([events.length, total(events)]).toEqual([recorder.counts.created, 720]);
    const messages = ["again", "after", "before", "down", "during"].sort();
    expect([...new Set(events.map(({ message }) => message))].sort()).toEqual(messages);
    expect(events.filter(({ message }) => message === "again").map(({ count }) => count)).toEqual(Array(60).fill(8));
    expect(events).toHaveLength(300);
    expect((await Promise.all(outcomes)).filter(({ outcome }) => outcome === "dropped")).toEqual([]);
  });

  test("a proxy that answers 429 and 503 and cuts connections: nothing lost, nothing doubled", async () => {
    await makeNamespace("flaky");
    const shares = { "too-many": 0.05, unavailable: 0.05, "cut-before": 0.04, "cut-after": 0.08, "cut-within": 0.04 };
    const proxy = await startFlakyProxy(controlPlane, { fate: fatesBySeed(7, shares) });
    const own = await connectAs("flaky", "create,patch", proxy.url);
    try {
      const recorder = createEventRecorder(own);
      for (let round = 0; round < 8; round++) {
        for (let object = 0; object < 25; object++) {
          const job = configMap("flaky", `job-${object}`);
          recorder.record(job, { what: "Stepped", message: `round ${round}` });
          recorder.record(job, { what: "Stepped", message: "again" });
        }
        await settledFor(recorder, 100);
      }
      expect(await recorder.close()).toEqual({ lost: [], waiting: [] });
      const { created, counted, retries } = recorder.counts;
      expect([created + counted, retries > 0]).toEqual([400, true]);
      const events = await eventsOf("flaky");
      expect([events.length, total(events)]).toEqual([created, 400]);
      expect(events.filter(({ message }) => message === "again").map(({ count }) => count)).toEqual(Array(25).fill(8));
    } finally {
      own.close();
      await proxy.close();
    }
  });
});

/** Lets a part of what waits be stored, so that repeats meet events that are there and such as are on their way. */
async function settledFor(recorder: EventRecorder, milliseconds: number): Promise<void> {
  await recorder.flush({ signal: AbortSignal.timeout(milliseconds) });
}
