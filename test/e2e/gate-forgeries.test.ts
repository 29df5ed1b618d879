import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import type { CommandResult } from "../support/control-plane.ts";
import { type GatedCluster, policyHolds, startGatedCluster } from "../support/gated-cluster.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const namespace = "forged";
const held = "Your deployment must be approved";
const digestOf = "kev.dev/template-digest";

let gated: GatedCluster;
/** Kubeconfigs. The approvers may approve what they are of, and write events; the robots are service accounts that may too. */
const users = {} as Record<"editor" | "approver" | "approverOfOther" | "robot" | "robotFromAway", string>;
/** What `kev emit approve ui` would write as the approver: each forgery differs from it in one thing. */
let rightful: KubeEvent;
let uids: Record<string, string | undefined>;

beforeAll(async () => {
  gated = await startGatedCluster();
  const { cluster } = gated;
  await gated.gatedNamespace(namespace);
  await gated.must("create", "namespace", "ci");
  await cluster.apply(listOf(deployment("early", { paused: true }), ...rights()), namespace);
  for (const [name, user] of [["editor"], ["approver"], ["approverOfOther", "approver-of-other"]] as const) {
    users[name] = await cluster.kubeconfigFor({ user: user ?? name, namespace });
  }
  for (const [name, home] of [
    ["robot", namespace],
    ["robotFromAway", "ci"],
  ] as const) {
    await gated.must("create", "serviceaccount", "robot", "-n", home);
    users[name] = await cluster.kubeconfigWith({ token: await cluster.tokenFor("robot", home) }, namespace);
  }
  // Before there is a policy anybody may write this.
  expect(await kev("editor", "emit", "approve", "early")).toMatchObject({ code: 0 });
  expect(await kev("approver", "emit", "approve", "early")).toMatchObject({ code: 0 });

  const gate = await gated.serve(gated.kev);
  await gated.install(gate.url);
  await policyHolds();
  const waiting = ["ui", "other"].map((name) => deployment(name));
  const paused = ["taken", "revoked"].map((name) => deployment(name, { paused: true }));
  await cluster.apply(listOf(...waiting, ...paused), namespace);
  await until(async () => (await gated.events(namespace, "ApprovalRequired")).length === 2);
  const deployments = await gated.items<KubeObject>(namespace, "deployments");
  uids = Object.fromEntries(deployments.map(({ metadata }) => [metadata.name, metadata.uid]));
  rightful = JSON.parse((await kev("approver", "emit", "approve", "ui", "--dry-run=client", "-o", "json")).stdout);
});

afterAll(() => gated?.stop());

type User = keyof typeof users;

const kev = (user: User, ...args: string[]): Promise<CommandResult> =>
  gated.kev.with({ env: { KUBECONFIG: users[user] } }, ...args);
const kubectl = (user: User, stdin: object | undefined, ...args: string[]): Promise<CommandResult> =>
  gated.cluster.kubectlWith({ kubeconfig: users[user], ...(stdin && { stdin: JSON.stringify(stdin) }) }, ...args);
const create = (user: User, event: object, ...flags: string[]): Promise<CommandResult> =>
  kubectl(user, event, "create", "-f", "-", ...flags);
const patch = (user: User, type: string, body: object): Promise<CommandResult> =>
  kubectl(user, undefined, "patch", type, "--type=merge", "-p", JSON.stringify(body));
const put = (user: User, event: KubeObject | KubeEvent, query = ""): Promise<CommandResult> => {
  const { apiVersion = "v1", metadata } = event;
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  const path = `${group}/namespaces/${namespace}/events/${metadata.name}${query}`;
  return kubectl(user, event, "replace", "--raw", path, "-f", "-");
};

function listOf(...objects: object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
}

function deployment(name: string, more: object = {}): object {
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: "nginx", image: "nginx:1.27" }] },
  };
  const spec = { replicas: 1, selector: { matchLabels: { app: name } }, template, ...more };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec };
}

/** Roles and their bindings. */
function rights(): object[] {
  const rbac = "rbac.authorization.k8s.io";
  const user = (name: string): object => ({ kind: "User", name, apiGroup: rbac });
  const account = (home: string): object => ({ kind: "ServiceAccount", name: "robot", namespace: home });
  const approves = (resourceNames: string[]): object[] => [
    { apiGroups: ["apps"], resources: ["deployments"], verbs: ["approve"], resourceNames },
    { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get"] },
    {
      apiGroups: ["", "events.k8s.io"],
      resources: ["events"],
      verbs: ["create", "get", "update", "patch", "delete"],
    },
  ];
  const role = (name: string, rules: object[]): object => ({
    apiVersion: `${rbac}/v1`,
    kind: "Role",
    metadata: { name },
    rules,
  });
  const bind = (name: string, kind: string, subjects: object[]): object => ({
    apiVersion: `${rbac}/v1`,
    kind: "RoleBinding",
    metadata: { name },
    roleRef: { apiGroup: rbac, kind, name },
    subjects,
  });
  return [
    role("approver", approves(["early", "ui", "taken", "revoked"])),
    role("approver-of-other", approves(["other"])),
    bind("approver", "Role", [user("approver"), account(namespace), account("ci")]),
    bind("approver-of-other", "Role", [user("approver-of-other")]),
    bind("edit", "ClusterRole", [user("editor")]),
  ];
}

interface Changes {
  name: string;
  by?: string;
  about?: object;
  annotations?: object;
}

/** The rightful approval, under another name, and otherwise changed. */
function approval({ name, by = "approver", about, annotations }: Changes): KubeEvent {
  const { metadata, involvedObject } = rightful;
  return {
    ...rightful,
    metadata: {
      name,
      ...(metadata.namespace && { namespace: metadata.namespace }),
      annotations: { ...metadata.annotations, "kev.dev/approver": by, ...annotations },
    },
    involvedObject: { ...involvedObject, ...about },
  };
}

/** Likewise, in the form of events.k8s.io. */
function newStyle(changes: Changes & { reason?: string }): KubeObject {
  const { metadata, involvedObject, reason, type } = approval(changes);
  return {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    metadata,
    regarding: involvedObject,
    reason: changes.reason ?? reason,
    type,
    action: "Decide",
    eventTime: "2026-11-24T12:00:00.000000Z",
    reportingController: "example.com/ci",
    reportingInstance: "ci-1",
  };
}

async function expectHeld(): Promise<void> {
  expect(await gated.tryRelease(namespace, "ui")).toBe(held);
  expect(await gated.replicaSets(namespace)).toEqual([]);
}

describe("refused, while the same thing done rightly is not", () => {
  const lacks = /you lack the verb approve on deployments.apps "ui"/;
  const cannotChange = /decisions about a Deployment cannot be changed, nor made of other events/;
  const notYourName = /kev.dev\/approver must be your own user name/;
  const decided = (by: string): object => ({ reason: "Approval", metadata: approval({ name: "old", by }).metadata });

  beforeAll(async () => {
    const plain = { ...approval({ name: "old", annotations: { [digestOf]: "none" } }), reason: "Tested" };
    expect(await create("editor", plain)).toMatchObject({ code: 0 });
    expect(await create("editor", newStyle({ name: "old-new-style", reason: "Tested" }))).toMatchObject({ code: 0 });
    const stale = approval({ name: "stale", annotations: { [digestOf]: `v1:sha256:${"0".repeat(64)}` } });
    expect(await create("approver", stale)).toMatchObject({ code: 0 });
  });

  const oldStyle = "events.v1.events.k8s.io";
  const dry = "--dry-run=server";
  type Attempt = () => Promise<CommandResult>;
  const attempts: [string, RegExp, Attempt, Attempt][] = [
    [
      "created by who may only edit",
      lacks,
      () => create("editor", approval({ name: "f", by: "editor" })),
      () => create("approver", approval({ name: "f" }), dry),
    ],
    [
      "created under the approver's name by who may only edit",
      lacks,
      () => create("editor", approval({ name: "f" })),
      () => create("approver", approval({ name: "f" }), dry),
    ],
    [
      "created under another's name by an approver",
      notYourName,
      () => create("approver", approval({ name: "f", by: "jane" })),
      () => create("approver", approval({ name: "f" }), dry),
    ],
    [
      "made of an old event by a PATCH",
      cannotChange,
      () => patch("editor", "event/old", decided("editor")),
      () => patch("editor", "event/old", { message: "Tested twice" }),
    ],
    [
      "made of an old event by an approver's PATCH",
      cannotChange,
      () => patch("approver", "event/old", decided("approver")),
      () => patch("approver", "event/old", { message: "Tested three times" }),
    ],
    [
      "made of an old event by a PUT",
      cannotChange,
      () => put("editor", approval({ name: "old", by: "editor" })),
      () => put("editor", { ...approval({ name: "old" }), reason: "Tested" }),
    ],
    [
      "made of an old event by an approver's PUT",
      cannotChange,
      () => put("approver", approval({ name: "old" })),
      () => put("approver", { ...approval({ name: "old" }), reason: "Tested" }),
    ],
    [
      "created by a PUT",
      lacks,
      () => put("editor", approval({ name: "f", by: "editor" })),
      () => put("approver", approval({ name: "f" }), "?dryRun=All"),
    ],
    [
      "created through events.k8s.io",
      lacks,
      () => create("editor", newStyle({ name: "f", by: "editor" })),
      () => create("approver", newStyle({ name: "f" }), dry),
    ],
    [
      "made of an old event by a PATCH through events.k8s.io",
      /field is immutable/,
      () => patch("editor", `${oldStyle}/old-new-style`, { reason: "Approval" }),
      () =>
        patch("editor", `${oldStyle}/old-new-style`, {
          series: { count: 2, lastObservedTime: "2026-11-24T12:00:01.000000Z" },
        }),
    ],
    [
      "made of an old event by a PUT through events.k8s.io",
      /field is immutable/,
      () => put("editor", newStyle({ name: "old-new-style", by: "editor" })),
      () => put("editor", newStyle({ name: "old-new-style", by: "editor", reason: "Tested" })),
    ],
    [
      "made of one about another release through events.k8s.io",
      cannotChange,
      () => patch("approver", `${oldStyle}/stale`, { metadata: { annotations: rightful.metadata.annotations } }),
      () =>
        patch("approver", `${oldStyle}/old-new-style`, { metadata: { annotations: rightful.metadata.annotations } }),
    ],
    [
      "created by a service account of the namespace that may approve",
      /a service account of the same namespace may not decide/,
      () => create("robot", approval({ name: "f", by: `system:serviceaccount:${namespace}:robot` })),
      () => create("robotFromAway", approval({ name: "f", by: "system:serviceaccount:ci:robot" }), dry),
    ],
  ];
  test.each(attempts)("%s", async (_what, refusal, forged, right) => {
    const { code, stderr } = await forged();
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(refusal) });
    expect(await right()).toMatchObject({ code: 0 });
    await expectHeld();
  });
});

describe("let in by the API server, and not counted", () => {
  test.each<[string, User, () => KubeEvent]>([
    ["with the uid of another Deployment", "approver", () => approval({ name: "uid", about: { uid: uids.other } })],
    [
      "with the name of another Deployment and this one's uid",
      "approverOfOther",
      () => approval({ name: "name", by: "approver-of-other", about: { name: "other" } }),
    ],
    [
      "about another group's Deployment of this name and uid",
      "editor",
      () => approval({ name: "group", by: "editor", about: { apiVersion: "example.com/v1" } }),
    ],
    [
      "about no group's Deployment",
      "editor",
      () => approval({ name: "no-group", by: "editor", about: { apiVersion: "" } }),
    ],
    ["about a former release", "approver", () => approval({ name: "former", annotations: { [digestOf]: "v1:x" } })],
  ])("%s", async (_what, user, event) => {
    expect(await create(user, event())).toMatchObject({ code: 0 });
    await expectHeld();
    expect(await gated.tryRelease(namespace, "other")).toBe(held);
  });

  test("written before there was a policy, by the approver too", async () => {
    expect(await gated.events(namespace, "Approval", "early")).toHaveLength(2);
    expect(await gated.tryRelease(namespace, "early")).toBe(held);
    await gated.must("rollout", "resume", "deployment/early", "-n", namespace);
    await until(async () => (await gated.approvedReason(namespace, "early")) === "NotApproved");
    expect(await gated.replicaSets(namespace, "early")).toEqual([]);
    expect(await kev("approver", "emit", "approve", "early")).toMatchObject({ code: 0 });
    await until(async () => (await gated.replicaSets(namespace, "early")).length === 1);
    await gated.must("delete", "deployment", "early", "-n", namespace);
    await until(async () => (await gated.replicaSets(namespace, "early")).length === 0);
  });
});

test("another controller's Approval of its own kind is not hindered, and opens nothing", async () => {
  for (const [index, kind] of ["CustomRun", "ConfigMap"].entries()) {
    const apiVersion = kind === "ConfigMap" ? "v1" : "tekton.dev/v1beta1";
    const event = approval({ name: `stranger-${index}`, by: "editor", about: { apiVersion, kind } });
    expect(await create("editor", event)).toMatchObject({ code: 0 });
    await expectHeld();
    expect(await patch("editor", `event/stranger-${index}`, { count: 2 })).toMatchObject({ code: 0 });
    expect(await put("editor", { ...event, message: "Approved again" })).toMatchObject({ code: 0 });
    const [seen] = (await gated.events(namespace, "Approval")).filter(
      ({ involvedObject }) => involvedObject.kind === kind,
    );
    expect(seen).toMatchObject({ message: "Approved again" });
    await expectHeld();
    expect(await kubectl("editor", undefined, "delete", "event", `stranger-${index}`)).toMatchObject({ code: 0 });
  }
  // It may not be bent into one about the Deployment.
  const event = approval({ name: "stranger", by: "editor", about: { apiVersion: "v1", kind: "ConfigMap" } });
  expect(await create("editor", event)).toMatchObject({ code: 0 });
  const { code, stderr } = await patch("editor", "event/stranger", { involvedObject: rightful.involvedObject });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("cannot be changed") });
  await expectHeld();
});

describe("decisions that go", () => {
  const only = async (reason: string, name: string): Promise<string> => {
    const [event] = await gated.events(namespace, reason, name);
    return event?.metadata.name ?? "none";
  };

  test("an approval that its author has deleted counts no more; to take it back then is no harm", async () => {
    expect(await kev("approver", "emit", "approve", "taken")).toMatchObject({ code: 0 });
    expect(await gated.tryRelease(namespace, "taken")).toBe("admitted");
    const name = await only("Approval", "taken");
    const { code, stderr } = await kubectl("editor", undefined, "delete", "event", name);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("you lack the verb approve") });
    expect(await gated.tryRelease(namespace, "taken")).toBe("admitted");
    expect(await kubectl("approver", undefined, "delete", "event", name)).toMatchObject({ code: 0 });
    expect(await gated.tryRelease(namespace, "taken")).toBe(held);
    expect(await kev("approver", "emit", "revoke", "taken")).toMatchObject({ code: 0 });
    expect(await gated.tryRelease(namespace, "taken")).toBe(held);
    await gated.must("rollout", "resume", "deployment/taken", "-n", namespace);
    await until(async () => (await gated.approvedReason(namespace, "taken")) === "NotApproved");
    expect(await gated.replicaSets(namespace, "taken")).toEqual([]);
    expect(await kev("approver", "emit", "approve", "taken")).toMatchObject({ code: 0 });
    await until(async () => (await gated.replicaSets(namespace, "taken")).length === 1);
  });

  test("who may only edit cannot undo a revocation by deleting it; who may approve can", async () => {
    expect(await kev("approver", "emit", "approve", "revoked")).toMatchObject({ code: 0 });
    expect(await gated.tryRelease(namespace, "revoked")).toBe("admitted");
    expect(await kev("approver", "emit", "revoke", "revoked")).toMatchObject({ code: 0 });
    await until(async () => (await gated.tryRelease(namespace, "revoked")) === held);
    const name = await only("ApprovalRevoked", "revoked");
    const { code, stderr } = await kubectl("editor", undefined, "delete", "event", name);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("you lack the verb approve") });
    expect(await gated.tryRelease(namespace, "revoked")).toBe(held);
    expect(await kubectl("approver", undefined, "delete", "event", name)).toMatchObject({ code: 0 });
    expect(await gated.tryRelease(namespace, "revoked")).toBe("admitted");
  });
});

test("after all of that the approver passes, through events.k8s.io too", async () => {
  expect(await gated.replicaSets(namespace, "ui")).toEqual([]);
  expect(await create("approver", rightful)).toMatchObject({ code: 0 });
  await until(async () => (await gated.replicaSets(namespace, "ui")).length === 1);
  const other = { name: "other-approved", by: "approver-of-other", about: { name: "other", uid: uids.other } };
  const digest = JSON.parse((await gated.kev("gate", "status", "other", "-n", namespace, "-o", "json")).stdout);
  const annotations = { [digestOf]: /v1:sha256:[0-9a-f]+/.exec(JSON.stringify(digest))?.[0] };
  expect(await create("approverOfOther", newStyle({ ...other, annotations }))).toMatchObject({ code: 0 });
  await until(async () => (await gated.replicaSets(namespace, "other")).length === 1);
});
