import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { templateDigest } from "../../src/events/template-digest.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { emit } from "../../src/record/emit.ts";
import { type EmitOutcome, emitAll } from "../../src/record/emit-all.ts";
import { notFound, statusError } from "../kube/scripted-connection.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { apiError, type ScriptedEvents, scriptedEvents } from "./scripted-events.ts";

const deploymentPath = "GET /apis/apps/v1/namespaces/default/deployments";
const review = "POST /apis/authentication.k8s.io/v1/selfsubjectreviews";
const jane = { status: { userInfo: { username: "jane" } } };
const template = {
  metadata: { labels: { app: "ui-server" } },
  spec: { initContainers: [{ name: "setup", image: "busybox" }], containers: [{ name: "ui", image: "nginx:1.27" }] },
};
const settings = { clock: fakeClock("2026-11-23T09:30:00Z"), hostName: () => "laptop", random: () => 0 };

function object(name: string, more: object = {}) {
  return { metadata: { name, namespace: "default", uid: `uid-${name}`, resourceVersion: "42" }, ...more };
}

function sent(connection: ScriptedEvents): KubeEvent[] {
  return connection.created.map(({ body }) => body as unknown as KubeEvent);
}

describe("emit", () => {
  test("an approval of a Deployment names the release and who approved it", async () => {
    const script = { [`${deploymentPath}/ui-server`]: [object("ui-server", { spec: { template } })], [review]: [jane] };
    const connection = scriptedEvents(["stored"], script);
    const stored = await emit(connection, { what: "approve", object: "ui-server", ...settings });
    expect(stored.metadata.uid).toBe("event-uid");
    const [event] = sent(connection);
    expect(event?.metadata.name).toMatch(/^ui-server\.[a-z0-9]{24}$/);
    expect(event).toEqual({
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: event?.metadata.name,
        namespace: "default",
        annotations: {
          "kev.dev/template-digest": templateDigest(template),
          "kev.dev/images": "setup=busybox,ui=nginx:1.27",
          "kev.dev/approver": "jane",
        },
      },
      involvedObject: {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: "ui-server",
        namespace: "default",
        uid: "uid-ui-server",
        resourceVersion: "42",
      },
      reason: "Approval",
      message: "Manually tested and approved",
      type: "Normal",
      source: { component: "ci-approver", host: "laptop" },
      reportingComponent: "ci-approver",
      reportingInstance: "laptop",
      firstTimestamp: "2026-11-23T09:30:00Z",
      lastTimestamp: "2026-11-23T09:30:00Z",
      count: 1,
    });
  });

  test("a decision may be held to the release that was reviewed, may expire, and is shown before it is sent", async () => {
    const script = { [`${deploymentPath}/ui-server`]: [object("ui-server", { spec: { template } })], [review]: [jane] };
    const connection = scriptedEvents(["stored"], script);
    const shown: number[] = [];
    await emit(connection, {
      what: "approve",
      object: "ui-server",
      ...settings,
      digest: templateDigest(template),
      expiresAt: new Date("2026-11-23T11:30:00Z"),
      onDecision: () => void shown.push(connection.created.length),
    });
    expect(sent(connection)[0]?.metadata.annotations).toMatchObject({
      "kev.dev/expires-at": "2026-11-23T11:30:00.000Z",
    });
    expect(shown).toEqual([0]);
  });

  test("a decision on another release than the reviewed one is not sent", async () => {
    const script = { [`${deploymentPath}/ui-server`]: [object("ui-server", { spec: { template } })], [review]: [jane] };
    const connection = scriptedEvents([], script);
    const digest = templateDigest({});
    await expect(emit(connection, { what: "approve", object: "ui-server", ...settings, digest })).rejects.toMatchObject(
      {
        exitCode: 3,
        message: `deployments.apps "ui-server" has changed since it was reviewed: its release is ${templateDigest(template)}`,
        hint: "review it again: kev gate status deployment/ui-server",
      },
    );
  });

  test.each([
    ["tested", { digest: templateDigest({}) }, "digest is for decisions about a release, like approve"],
    ["tested", { expiresAt: new Date() }, "expiresAt is for approve and break-glass"],
    ["approve", { digest: "1dfc9613" }, '"1dfc9613" is no digest of a release'],
    [
      "reject",
      { expiresAt: new Date("2026-11-24T09:30:00Z") },
      "a decision (ApprovalRejected) does not expire; expiresAt is for approve and break-glass",
    ],
    ["approve", { expiresAt: new Date("2026-11-23T09:30:00Z") }, "the decision would have expired at once"],
  ])("%s %j is refused before anything is asked", async (what, wrong, message) => {
    const input = { what, object: "ui-server", ...settings, ...wrong };
    await expect(emit(scriptedEvents([]), input)).rejects.toMatchObject({ kind: "usage", message });
  });

  test("what has no releases takes no digest", async () => {
    const path = "GET /api/v1/namespaces/default/pods/web";
    const connection = scriptedEvents([], { [path]: [object("web")], [review]: [jane] });
    const input = { what: "approve", object: "pod/web", ...settings, digest: templateDigest({}) };
    await expect(emit(connection, input)).rejects.toMatchObject({
      kind: "usage",
      message: "a Pod has no releases; digest and expiresAt are for decisions about Deployments",
    });
  });

  test("where the server does not say who asks, the event names no approver and that is remarked", async () => {
    const remarks: string[] = [];
    const script = { [`${deploymentPath}/ui-server`]: [object("ui-server")], [review]: [statusError(404, {})] };
    const connection = scriptedEvents(["stored"], script);
    await emit(connection, {
      what: "reject",
      object: "ui-server",
      ...settings,
      onRemark: (text) => remarks.push(text),
    });
    expect(sent(connection)[0]?.metadata.annotations).not.toHaveProperty("kev.dev/approver");
    expect(remarks).toEqual(["the server does not say who you are; the event names no approver"]);
  });

  test("any other reason reads only the object's metadata and asks nothing else", async () => {
    const connection = scriptedEvents(["stored"], { [`${deploymentPath}/ui-server`]: [object("ui-server")] });
    await emit(connection, { what: "Deployed", object: "deploy/ui-server", ...settings });
    expect(connection.asked).toEqual([`${deploymentPath}/ui-server (metadata)`]);
  });

  test("an object at hand needs no look-up", async () => {
    const connection = scriptedEvents(["stored"]);
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", ...object("ui-server") };
    await emit(connection, { what: "Deployed", object: deployment, ...settings });
    expect(sent(connection)[0]?.involvedObject.uid).toBe("uid-ui-server");
  });

  test("a reference is looked up", async () => {
    const path = "GET /apis/batch/v1/namespaces/jobs/cronjobs/backup";
    const connection = scriptedEvents(["stored"], {
      [path]: [{ metadata: { name: "backup", namespace: "jobs", uid: "1" } }],
    });
    const reference = { apiVersion: "batch/v1", kind: "CronJob", name: "backup", namespace: "jobs" };
    await emit(connection, { what: "Deployed", object: reference, ...settings });
    expect(connection.asked).toEqual([`${path} (metadata)`]);
  });

  test("a second object", async () => {
    const connection = scriptedEvents(["stored"], {
      [`${deploymentPath}/ui-server`]: [object("ui-server")],
      "GET /api/v1/nodes/worker-3": [{ metadata: { name: "worker-3", uid: "n", resourceVersion: "7" } }],
    });
    await emit(connection, { what: "Deployed", object: "ui-server", related: "node/worker-3", ...settings });
    const related = { apiVersion: "v1", kind: "Node", name: "worker-3", uid: "n", resourceVersion: "7" };
    expect(sent(connection)[0]?.related).toEqual(related);
  });

  test("a second object is looked for in the namespace of the first", async () => {
    const connection = scriptedEvents(["stored"], {
      "GET /api/v1/namespaces/jobs/configmaps/settings": [
        { metadata: { name: "settings", namespace: "jobs", uid: "s" } },
      ],
    });
    const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "j", namespace: "jobs", uid: "u" } };
    await emit(connection, { what: "Deployed", object: job, related: "cm/settings", ...settings });
    expect(sent(connection)[0]?.related).toMatchObject({ namespace: "jobs", uid: "s" });
  });

  test("kinds whose describe shows no events are remarked", async () => {
    const remarks: string[] = [];
    const connection = scriptedEvents(["stored"], {
      "GET /api/v1/namespaces/prod": [{ metadata: { name: "prod", uid: "p" } }],
    });
    await emit(connection, {
      what: "Deployed",
      object: "ns/prod",
      ...settings,
      onRemark: (text) => remarks.push(text),
    });
    expect(remarks).toEqual(["kubectl describe shows no events of a Namespace; kubectl get events does"]);
  });

  test("an event about an event is refused", async () => {
    const connection = scriptedEvents([], { "GET /api/v1/namespaces/default/events/x.1": [object("x.1")] });
    await expect(emit(connection, { what: "Deployed", object: "event/x.1", ...settings })).rejects.toMatchObject({
      kind: "usage",
      message: "event/x.1 is an event; kev writes none about events",
    });
  });

  test("--dry-run=client sends no event", async () => {
    const connection = scriptedEvents([], { [`${deploymentPath}/ui-server`]: [object("ui-server")] });
    const event = await emit(connection, { what: "Deployed", object: "ui-server", dryRun: "client", ...settings });
    expect(event.reason).toBe("Deployed");
  });

  test.each([
    [{ what: "approve", key: "k" }, "a decision (Approval) takes no key: each decision is an event of its own"],
    [
      { what: "approve", at: new Date("2026-11-23T09:00:00Z") },
      "a decision (Approval) takes no time of its own: the server's clock orders decisions",
    ],
    [{ what: "Deployed", once: true }, "once needs key, which says what it is once of"],
    [{ what: "Deployed", key: "" }, "the key is empty"],
    [
      { what: "Deployed", at: new Date("2026-11-23T10:00:00Z") },
      "the time 2026-11-23T10:00:00.000Z lies in the future",
    ],
    [{ what: "approve", type: "Warning" }, "the type of a decision (Approval) is Normal and cannot be changed"],
    [
      { what: "Deployed", fieldManager: "é".repeat(65), dryRun: "client" as const },
      "fieldManager: Too long: may not be more than 128 bytes",
    ],
    [{ what: "Deployed", related: "worker-3" }, 'related takes TYPE/NAME, not "worker-3"'],
  ])("%j", async (input, message) => {
    const script = { [`${deploymentPath}/ui-server`]: [object("ui-server")] };
    await expect(
      emit(scriptedEvents([], script), { ...input, object: "ui-server", ...settings }),
    ).rejects.toMatchObject({
      kind: "usage",
      message,
    });
  });
});

describe("emitAll", () => {
  test("a server that is gone is waited for once, not once per object", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `o${index}`);
    const script = Object.fromEntries(names.map((name) => [`${deploymentPath}/${name}`, [object(name)]]));
    const gone = new UnreachableError("refused", "The connection was refused");
    const connection = scriptedEvents(
      Array.from({ length: 400 }, () => gone),
      script,
    );
    const clock = fakeClock("2026-11-23T09:30:00Z");
    const outcomes: string[] = [];
    const input = { what: "Deployed", objects: { args: ["deployment", ...names] }, ...settings, clock };
    for await (const { outcome } of emitAll(connection, input)) outcomes.push(outcome);
    expect(outcomes).toEqual(names.map(() => "failed"));
    expect(clock.slept.reduce((sum, delay) => sum + delay, 0)).toBeLessThanOrEqual(30_000 + 8 * 5_000);
    const tries = names.map((name) => sent(connection).filter((event) => event.involvedObject.name === name).length);
    expect(tries.slice(8)).toEqual(names.slice(8).map(() => 1));
  });

  test("one that fails does not stop the others; results come in the order asked for", async () => {
    const connection = scriptedEvents(["stored", apiError(403, "Forbidden")], {
      [`${deploymentPath}/a`]: [object("a")],
      [`${deploymentPath}/b`]: [notFound("deployments", "apps", "b")],
      "GET /api/v1/namespaces/default": [{}],
      [`${deploymentPath}?limit=500`]: [{ items: [] }],
      [`${deploymentPath}/c`]: [object("c")],
    });
    const outcomes: EmitOutcome[] = [];
    const input = { what: "Deployed", objects: { args: ["deployment", "a", "b", "c"] }, ...settings };
    for await (const outcome of emitAll(connection, input)) outcomes.push(outcome);
    expect(
      outcomes.map((outcome) =>
        outcome.outcome === "failed" ? outcome.error.line : outcome.event.involvedObject.name,
      ),
    ).toEqual([
      "a",
      'Error from server (NotFound): deployments.apps "b" not found',
      "Error from server (Forbidden): Forbidden!",
    ]);
  });
});
