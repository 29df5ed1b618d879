import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { digestsOf } from "../../src/events/decision.ts";
import type { KubeObject } from "../../src/events/event.ts";
import { recordOf } from "../../src/util/is-record.ts";
import { type GatedCluster, policyHolds, startGatedCluster, type Template } from "../support/gated-cluster.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";
import { richTemplate } from "../support/rich-template.ts";
import type { RunningGate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

jest.setTimeout(240_000);

const held = "Your deployment must be approved";

let folder: Folder;
let gated: GatedCluster;
let gate: RunningGate;
/** Resolves when the Deployment controller tries no more to roll `ui` of namespace `late` out. */
let givenUp: Promise<void>;

beforeAll(async () => {
  folder = await createFolder();
  const releases = { level: "Metadata", verbs: ["create"], resources: [{ group: "apps", resources: ["replicasets"] }] };
  const policy = await folder.write("audit-policy.yaml", {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [releases, { level: "None" }],
  });
  gated = await startGatedCluster({
    apiServerFlags: [`--audit-policy-file=${policy}`, `--audit-log-path=${folder.at("audit.log")}`],
    // It then says what it tries again, and what no more.
    controllerManagerFlags: ["--vmodule=deployment_controller=2"],
  });
  gate = await gated.serve(gated.kev);
  await gated.install(gate.url);
  await gated.gatedNamespace("late");
  await apply("late", "first", { paused: true });
  await until(async () => (await gated.tryRelease("late", "first")) === held);
  await apply("late", "ui");
  givenUp = controllerGivesUp("late", "ui");
  givenUp.catch(() => undefined);
  await policyHolds();
});

afterAll(async () => {
  await gated?.stop();
  await folder?.remove();
});

async function apply(namespace: string, name: string, spec: object = {}): Promise<void> {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: "app", image: "nginx:1" }] } };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template, ...spec },
  };
  await gated.cluster.apply(JSON.stringify(deployment), namespace);
}

async function approve(namespace: string, name: string): Promise<void> {
  expect(await gated.kev("emit", "approve", name, "-n", namespace)).toMatchObject({ code: 0 });
}

/** Approves what waits, and resolves when the Deployment has so many ReplicaSets. */
async function rollOut(namespace: string, name: string, count: number): Promise<void> {
  await until(async () => (await gated.events(namespace, "ApprovalRequired", name)).length === count);
  await approve(namespace, name);
  await until(async () => (await gated.replicaSets(namespace, name)).length === count);
}

/**
 * Lets the Deployment controller come to the end of its tries. It makes 15, each after twice the time of the one before, in
 * all 164 s; a change of the Deployment makes it try at once, and counts. So the last three are hurried on while it waits 10 s
 * for the next.
 */
async function controllerGivesUp(namespace: string, name: string): Promise<void> {
  const log = join(gated.cluster.dir, "kube-controller-manager.log");
  const said = async (what: string): Promise<number> => {
    const lines = (await readFile(log, "utf8")).split("\n");
    return lines.filter((line) => line.includes(what) && line.includes(`deployment="${namespace}/${name}"`)).length;
  };
  const tries = (): Promise<number> => said("Error syncing deployment");
  await until(async () => (await tries()) >= 12);
  for (let made = await tries(); made < 15; made = await tries()) {
    await gated.must("annotate", "deployment", name, "-n", namespace, `hurry=${made}`, "--overwrite");
    await until(async () => (await tries()) > made);
  }
  await until(async () => (await said("Dropping deployment out of the queue")) > 0, 200_000);
}

interface AuditEntry {
  objectRef: { namespace: string };
  responseStatus: { code: number };
  annotations: Record<string, string>;
}

/** What the audit log says of new ReplicaSets of a namespace, by word of the gate. */
async function audited(namespace: string): Promise<{ code: number; annotations: object }[]> {
  const lines = (await readFile(folder.at("audit.log"), "utf8")).split("\n").slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as AuditEntry)
    .filter(({ objectRef }) => objectRef.namespace === namespace)
    .map(({ responseStatus, annotations }) => ({
      code: responseStatus.code,
      annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => key.startsWith("gate.kev.dev/"))),
    }));
}

test("the audit log says why a release was denied, and by whose word one was admitted", async () => {
  await gated.gatedNamespace("audited");
  await apply("audited", "ui");
  await rollOut("audited", "ui", 1);
  const [event] = await gated.events("audited", "Approval");
  const digest = event?.metadata.annotations?.["kev.dev/template-digest"];
  // An answer comes a little before its entry.
  await until(async () => (await audited("audited")).some(({ code }) => code === 201));
  const entries = await audited("audited");
  expect(entries[0]).toEqual({
    code: 403,
    annotations: { "gate.kev.dev/decision": "NotApproved", "gate.kev.dev/digest": digest },
  });
  expect(entries.filter(({ code }) => code === 201)).toEqual([
    {
      code: 201,
      annotations: {
        "gate.kev.dev/decision": "Approved",
        "gate.kev.dev/approver": "admin",
        "gate.kev.dev/event": `audited/${event?.metadata.name}`,
        "gate.kev.dev/digest": digest,
      },
    },
  ]);
});

describe("a template with everything in it", () => {
  beforeAll(async () => {
    await gated.gatedNamespace("rich");
    await apply("rich", "rich", { selector: { matchLabels: { app: "rich" } }, template: richTemplate, paused: true });
    await approve("rich", "rich");
  });

  test.each<[string, (template: Template) => void]>([
    ["without an empty argument", ({ spec }) => void spec.containers[0].args.shift()],
    ["without an empty selector of all namespaces", ({ spec }) => void dropNamespaceSelector(spec)],
    ["without an empty selector of pods", ({ spec }) => void delete spec.topologySpreadConstraints[0].labelSelector],
    [
      "with another mode of a file",
      ({ spec }) => void Object.assign(spec.volumes[2].configMap.items[0], { mode: 511 }),
    ],
    ["with an annotation", ({ metadata }) => void Object.assign(metadata, { annotations: { a: "b" } })],
  ])("%s is another release", async (_what, change) => {
    expect(await gated.tryRelease("rich", "rich", change)).toBe(held);
    expect(await gated.tryRelease("rich", "rich")).toBe("admitted");
  });

  test("has one digest in the Deployment and in its ReplicaSet, and so rolls out", async () => {
    const [approval] = await gated.events("rich", "Approval");
    await gated.must("rollout", "resume", "deployment/rich", "-n", "rich");
    await until(async () => (await gated.replicaSets("rich")).length === 1);
    const digestOf = ([object]: KubeObject[]): string => digestsOf(recordOf(object?.spec).template).digest;
    const digest = approval?.metadata.annotations?.["kev.dev/template-digest"];
    expect(digestOf(await gated.items("rich", "deployments"))).toBe(digest);
    expect(digestOf(await gated.replicaSets("rich"))).toBe(digest);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: whatever a pod may have
function dropNamespaceSelector(spec: any): void {
  delete spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].namespaceSelector;
}

test("who may only edit scales and goes back to a release that was out, ungated; a restart waits", async () => {
  const namespace = await gated.gatedNamespace("back");
  await gated.must("create", "rolebinding", "editor", "--clusterrole=edit", "--user=editor", "-n", namespace);
  const kubeconfig = await gated.cluster.kubeconfigFor({ user: "editor", namespace });
  const edit = async (...args: string[]): Promise<void> => {
    expect(await gated.cluster.kubectlWith({ kubeconfig }, ...args)).toMatchObject({ code: 0 });
  };
  const find = async (image: string): Promise<KubeObject | undefined> =>
    (await gated.replicaSets(namespace)).find(({ spec }) => JSON.stringify(spec).includes(image));
  const revision = async (image: string): Promise<string | undefined> =>
    (await find(image))?.metadata.annotations?.["deployment.kubernetes.io/revision"];
  const reviews = (): number => gate.process.output.stderr.split(`namespace=${namespace} `).length - 1;

  await apply(namespace, "ui");
  await rollOut(namespace, "ui", 1);
  await edit("set", "image", "deployment/ui", "app=nginx:2");
  await rollOut(namespace, "ui", 2);
  expect(await revision("nginx:2")).toBe("2");
  const before = reviews();
  await edit("rollout", "undo", "deployment/ui");
  await until(async () => (await revision("nginx:1")) === "3");
  await edit("scale", "deployment/ui", "--replicas=5");
  const replicas = ({ spec }: KubeObject): number => Number(recordOf(spec).replicas);
  await until(async () => (await gated.replicaSets(namespace)).reduce((sum, found) => sum + replicas(found), 0) >= 5);
  expect((await gated.kev("gate", "status", "ui", "-n", namespace)).code).toBe(0);
  expect(await gated.events(namespace, "ApprovalRequired")).toHaveLength(2);
  expect(reviews()).toBe(before);

  await edit("rollout", "restart", "deployment/ui");
  await rollOut(namespace, "ui", 3);
});

test("an approval given when the Deployment controller has long given up rolls out without another touch", async () => {
  await givenUp;
  expect(await gated.replicaSets("late")).toEqual([]);
  await approve("late", "ui");
  await until(async () => (await gated.replicaSets("late")).length === 1);
});
