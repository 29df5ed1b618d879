import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../src/events/event.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { installedGateHost, runInstalledGate } from "../support/installed-gate.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { gateCertificate, type RunningGate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

// What is printed for a gate in the cluster, applied for real.
const serviceAccount = "system:serviceaccount:kev-gate:kev-gate";

let folder: Folder;
let cluster: ControlPlane;
let admin: Kev;
let gate: RunningGate;
let installed: KubeObject[];
let flags: string[];

const node = nodeVersions[1] ?? nodeVersions[0];

const must: ControlPlane["must"] = (...args) => cluster.must(...args);

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

const objectsOf = (text: string): KubeObject[] => parseAllDocuments(text).map((document) => document.toJS());

beforeAll(async () => {
  if (node === undefined) throw new Error("npm ci installs the Nodes");
  folder = await createFolder();
  const policy = await folder.write("audit-policy.yaml", {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [{ level: "Metadata", users: [serviceAccount] }, { level: "None" }],
  });
  cluster = await startControlPlane({
    apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${folder.at("audit.log")}`],
  });
  admin = await installedKev(node, cluster.adminKubeconfig);
  const files = await gateCertificate(cluster, installedGateHost);
  flags = ["--image", "kev:test", "--ca-bundle", cluster.caFile, ...files];
  const { code, stdout, stderr } = await admin("gate", "manifests", ...flags);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  installed = objectsOf(stdout);
  await cluster.apply(stdout, "kev-gate");
  gate = await runInstalledGate(cluster, node, files);
});

afterAll(async () => {
  gate?.process.kill("SIGINT");
  await gate?.process.ended;
  await cluster?.stop();
  await folder?.remove();
});

test("its Pods are taken under the strictest pod security level", async () => {
  const pods = async () => (await must("get", "pods", "-n", "kev-gate", "-o", "name")).trim().split("\n");
  await until(async () => (await pods()).filter((name) => name.startsWith("pod/kev-gate-")).length === 2);
  expect(await must("get", "events", "-n", "kev-gate", "--field-selector", "type=Warning", "-o", "name")).toBe("");
});

test("with the service account's rights alone a release waits, is approved by a bound approver, and rolls out", async () => {
  await must("create", "namespace", "shop");
  await must("label", "namespace", "shop", "requireApproval=true");
  await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "shop");
  await must("wait", "--for=condition=kev.dev/Approved=False", "deploy/ui", "-n", "shop", "--timeout=30s");
  await until(async () => (await must("get", "events", "-n", "shop")).includes("ApprovalRequired"));
  await must("create", "rolebinding", "approvers", "--clusterrole=kev-approver", "--user=ann", "-n", "shop");
  if (node === undefined) throw new Error("npm ci installs the Nodes");
  const ann = await installedKev(node, await cluster.kubeconfigFor({ user: "ann" }));
  expect(await ann("emit", "break-glass", "ui", "-n", "shop", "-m", "why not")).toMatchObject({ code: 4 });
  expect(await ann("emit", "approve", "ui", "-n", "shop")).toMatchObject({ code: 0 });
  await must("wait", "--for=condition=kev.dev/Approved", "deploy/ui", "-n", "shop", "--timeout=30s");
  await until(async () => (await must("get", "replicasets", "-n", "shop", "-o", "name")) !== "");
  const log = gate.process.output.stderr;
  expect(log.split("\n").filter((line) => /level="?(warn|error)/.test(line))).toEqual([]);
});

test("who may view sees what waits; whether decisions count, with the right to read the policy", async () => {
  await must("create", "deployment", "web", "--image=nginx:1.27", "-n", "shop");
  await must("create", "clusterrole", "viewer", "--verb=get,list", "--resource=deployments,replicasets,events");
  await must("create", "rolebinding", "viewers", "--clusterrole=viewer", "--user=vic", "-n", "shop");
  await must("create", "rolebinding", "web-approvers", "--clusterrole=kev-approver", "--user=ann", "-n", "shop");
  await must("wait", "--for=condition=kev.dev/Approved=False", "deploy/web", "-n", "shop", "--timeout=30s");
  if (node === undefined) throw new Error("npm ci installs the Nodes");
  const vic = await installedKev(node, await cluster.kubeconfigFor({ user: "vic" }));
  const without = await vic("gate", "status", "web", "-n", "shop");
  expect(without).toMatchObject({ code: 3, stdout: expect.stringContaining("you may not read the policy") });
  await must("create", "clusterrolebinding", "policy-viewers", "--clusterrole=kev-policy-viewer", "--user=vic");
  const status = () => vic("gate", "status", "deploy/web", "-n", "shop");
  await until(async () => (await status()).stdout.includes("NotApproved"));
  const ann = await installedKev(node, await cluster.kubeconfigFor({ user: "ann" }));
  expect(await ann("emit", "approve", "web", "-n", "shop")).toMatchObject({ code: 0 });
  await until(async () => (await status()).code === 0);
  expect((await status()).stdout).toContain("Approval  ann  ");
});

test("it has used each of its rights, and been refused none", async () => {
  interface Entry {
    verb: string;
    objectRef: { apiGroup?: string; resource: string; subresource?: string };
    responseStatus?: { code: number };
  }
  const used = async (): Promise<Entry[]> =>
    (await readFile(folder.at("audit.log"), "utf8"))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Entry);
  const right = (group: string, resource: string, verb: string): string => `${verb} ${group}/${resource}`;
  const role = installed.find(({ kind }) => kind === "ClusterRole") as KubeObject & { rules: Rule[] };
  const given = role.rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((name) => verbs.map((verb) => right(group, name, verb)))),
  );
  const rightsOf = (entries: Entry[]): string[] => [
    ...new Set(
      entries.map(({ verb, objectRef: { apiGroup = "", resource, subresource } }) =>
        right(apiGroup, subresource ? `${resource}/${subresource}` : resource, verb),
      ),
    ),
  ];
  // Where the policy is bound to some namespaces only, the gate looks at the one in question.
  const spec = { matchResources: { namespaceSelector: { matchLabels: { requireApproval: "true" } } } };
  const binding = "validatingadmissionpolicybinding/kev-decisions";
  await must("patch", binding, "--type=merge", "-p", JSON.stringify({ spec }));
  await must("create", "deployment", "last", "--image=nginx:1.27", "-n", "shop");
  await until(async () => rightsOf(await used()).length >= given.length);
  expect(rightsOf(await used()).sort()).toEqual(given.sort());
  expect((await used()).filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
});

test("the gate may not change Deployments, read Secrets, nor approve", async () => {
  const as = `--as=${serviceAccount}`;
  const can = async (...args: string[]) =>
    (await cluster.kubectl("auth", "can-i", ...args, as, "-n", "shop")).stdout.trim();
  expect(await can("patch", "deployments", "--subresource=status")).toBe("yes");
  for (const what of [
    ["patch", "deployments"],
    ["get", "secrets"],
    ["approve", "deployments"],
    ["delete", "events"],
    ["create", "replicasets"],
  ]) {
    expect([...what, await can(...what)]).toEqual([...what, "no"]);
  }
});

test("what was installed goes, the webhook first, and nothing of it stays", async () => {
  const { code, stdout, stderr } = await admin("gate", "manifests", "--uninstall", ...flags);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
  expect(objectsOf(stdout).map(nameOf)).toEqual(installed.map(nameOf).toReversed());
  expect(objectsOf(stdout)[0]?.kind).toBe("ValidatingWebhookConfiguration");
  expect(stdout).not.toContain("tls.key");
  const gone = await cluster.kubectlWith({ stdin: stdout }, "delete", "--ignore-not-found", "-f", "-");
  expect(gone).toMatchObject({ code: 0, stderr: expect.not.stringContaining("rror") });
  const types = [
    "validatingwebhookconfigurations,validatingadmissionpolicies,validatingadmissionpolicybindings",
    "clusterroles",
    "namespaces",
  ];
  for (const type of types) expect(await must("get", type, "-o", "name")).not.toContain("kev");
});
