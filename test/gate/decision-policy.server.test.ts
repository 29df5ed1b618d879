import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { decisionPolicy } from "../../src/gate/decision-policy.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { until } from "../support/until.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();
let namespace: string;
let uid: string;
/** kubeconfigs by user. */
const users = new Map<string, string>();

beforeAll(async () => {
  namespace = await uniqueNamespace("policy");
  for (const app of ["a", "b"]) await must("create", "deployment", app, "--image=x");
  uid = await must("get", "deployment", "b", "-o", "jsonpath={.metadata.uid}");
  await must("create", "role", "approver", "--verb=approve", "--resource=deployments.apps", "--resource-name=a");
  for (const user of ["editor", "approver"]) {
    users.set(user, await cluster.kubeconfigFor({ user }));
    await must("create", "rolebinding", `${user}-edits`, "--clusterrole=edit", `--user=${user}`);
  }
  await must("create", "rolebinding", "approver", "--role=approver", "--user=approver");
  await must("create", "rolebinding", "sa", "--clusterrole=cluster-admin", `--serviceaccount=${namespace}:default`);
  // The shared control plane is everybody's: the policy holds in this namespace only.
  await must("label", "namespace", namespace, `policy=${namespace}`);
  await create("admin", event("old", { reason: "Tested" }));
  const policy = decisionPolicy({ name: namespace, namespaceLabels: { policy: namespace } });
  await cluster.apply(JSON.stringify({ apiVersion: "v1", kind: "List", items: policy }));
  let tries = 0;
  await until(async () => (await create("editor", event(`probe-${tries++}`))).includes("denied"));
});

afterAll(async () => {
  for (const type of ["binding", ""]) await cluster.kubectl("delete", `validatingadmissionpolicy${type}`, namespace);
});

async function must(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cluster.kubectl(...args, "-n", namespace);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** What kubectl said, as this user. */
async function as(user: string, stdin: string, ...args: string[]): Promise<string> {
  const kubeconfig = users.get(user);
  const { stdout, stderr } = await cluster.kubectlWith(
    { stdin, ...(kubeconfig && { kubeconfig }) },
    ...args,
    "-n",
    namespace,
  );
  return stdout + stderr;
}

const create = (user: string, body: object): Promise<string> => as(user, JSON.stringify(body), "create", "-f", "-");

function event(name: string, more: { reason?: string; by?: string; about?: object } = {}): object {
  const { reason = "Approval", by = "editor", about = {} } = more;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, annotations: { "kev.dev/approver": by } },
    involvedObject: { apiVersion: "apps/v1", kind: "Deployment", name: "a", namespace, ...about },
    reason,
    type: "Normal",
  };
}

const lacks = (verb: string, name = "a"): RegExp =>
  new RegExp(`you lack the verb ${verb} on deployments.apps "${name}"`);

describe("who may decide", () => {
  test("an approver, under their own name, on their own Deployment", async () => {
    expect(await create("approver", event("ok", { by: "approver" }))).toBe("event/ok created\n");
    expect(await create("approver", event("x", { by: "jane" }))).toMatch(
      /kev.dev\/approver must be your own user name/,
    );
    expect(await create("approver", event("x", { by: "approver", about: { name: "b" } }))).toMatch(
      lacks("approve", "b"),
    );
    expect(await create("approver", event("x", { by: "approver", reason: "BreakGlass" }))).toMatch(
      lacks("break-glass"),
    );
    // The name is theirs and the uid another's: the policy lets it pass, and the gate reads both.
    expect(await create("approver", event("uid", { by: "approver", about: { uid } }))).toBe("event/uid created\n");
  });

  test.each(["Approval", "ApprovalRejected", "ApprovalRevoked"])("nobody who merely edits: %s", async (reason) => {
    expect(await create("editor", event("x", { reason }))).toMatch(lacks("approve"));
  });

  test("no service account of the namespace, whatever its rights", async () => {
    const token = await cluster.tokenFor("default", namespace);
    users.set("account", await cluster.kubeconfigWith({ token }, namespace));
    const by = `system:serviceaccount:${namespace}:default`;
    expect(await create("account", event("x", { by }))).toMatch(
      /a service account of the same namespace may not decide/,
    );
  });
});

describe("no way round", () => {
  test.each([
    ["by a patch of an old event", ["patch", "event", "old", "--type=merge", "-p", '{"reason":"Approval"}'], ""],
    ["of a decision", ["patch", "event", "ok", "--type=merge", "-p", '{"message":"x"}'], ""],
    ["of a decision into another event", ["patch", "event", "ok", "--type=merge", "-p", '{"reason":"Tested"}'], ""],
  ])("a change %s", async (_, args, stdin) => {
    expect(await as("editor", stdin, ...args)).toMatch(/cannot be changed, nor made of other events/);
    expect(await as("approver", stdin, ...args)).toMatch(/cannot be changed, nor made of other events/);
  });

  test("a PUT that creates, and one that replaces", async () => {
    const uri = (name: string): string => `/api/v1/namespaces/${namespace}/events/${name}`;
    const put = (name: string): Promise<string> =>
      as("editor", JSON.stringify(event(name)), "replace", "--raw", uri(name), "-f", "-");
    expect(await put("put")).toMatch(lacks("approve"));
    expect(await put("old")).toMatch(/cannot be changed, nor made of other events/);
  });

  test("events.k8s.io", async () => {
    const body = {
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      metadata: { name: "new-style", annotations: { "kev.dev/approver": "editor" } },
      regarding: { apiVersion: "apps/v1", kind: "Deployment", name: "a", namespace },
      reason: "Approval",
      action: "Approve",
      type: "Normal",
      eventTime: "2026-11-24T12:00:00.000000Z",
      reportingController: "example.com/x",
      reportingInstance: "x",
    };
    expect(await create("editor", body)).toMatch(lacks("approve"));
  });

  test("who broke the glass may take that back, and no more", async () => {
    await must("create", "role", "breaker", "--verb=break-glass", "--resource=deployments.apps", "--resource-name=a");
    await must("create", "rolebinding", "breaker", "--role=breaker", "--user=breaker");
    await must("create", "rolebinding", "breaker-edits", "--clusterrole=edit", "--user=breaker");
    users.set("breaker", await cluster.kubeconfigFor({ user: "breaker" }));
    const made = (name: string, reason: string) => create("breaker", event(name, { by: "breaker", reason }));
    await until(async () => (await made("glass", "BreakGlass")).startsWith("event/"));
    expect(await made("glass-mended", "ApprovalRevoked")).toBe("event/glass-mended created\n");
    expect(await made("x", "Approval")).toMatch(lacks("approve"));
    expect(await made("x", "ApprovalRejected")).toMatch(lacks("approve"));
  });

  test("one with a finalizer, which nobody could take away", async () => {
    const metadata = {
      name: "held",
      annotations: { "kev.dev/approver": "approver" },
      finalizers: ["example.com/held"],
    };
    expect(await create("approver", { ...event("held"), metadata })).toContain("have no finalizers");
  });

  test("deleting, one by one or all", async () => {
    expect(await create("approver", event("kept", { by: "approver", reason: "ApprovalRevoked" }))).toBe(
      "event/kept created\n",
    );
    expect(await as("editor", "", "delete", "event", "kept")).toMatch(lacks("approve"));
    expect(await as("editor", "", "delete", "events", "--field-selector=reason=ApprovalRevoked")).toMatch(
      lacks("approve"),
    );
    expect(await as("approver", "", "delete", "event", "kept")).toMatch(/deleted/);
  });
});

test("strangers are not hindered: other kinds, other reasons, other groups", async () => {
  const pod = { apiVersion: "v1", kind: "Pod", name: "p" };
  const run = { apiVersion: "tekton.dev/v1", kind: "PipelineRun", name: "a" };
  const other = { apiVersion: "example.com/v1", kind: "Deployment" };
  for (const [index, about] of [pod, run, other].entries()) {
    expect(await create("editor", event(`stranger-${index}`, { about }))).toBe(`event/stranger-${index} created\n`);
  }
  expect(await create("editor", event("plain", { reason: "Deployed" }))).toBe("event/plain created\n");
  expect(await as("editor", "", "patch", "event", "plain", "--type=merge", "-p", '{"count":2}')).toMatch(/patched/);
  expect(await as("editor", "", "delete", "event", "plain")).toMatch(/deleted/);
});

test("a namespace can still be deleted, decisions and all", async () => {
  const doomed = await uniqueNamespace("doomed");
  await cluster.kubectl("label", "namespace", doomed, `policy=${namespace}`);
  const body = event("decision", { by: "admin", about: { namespace: doomed } });
  await cluster.apply(JSON.stringify(body), doomed);
  const { code, stderr } = await cluster.kubectl("delete", "namespace", doomed, "--timeout=40s");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
