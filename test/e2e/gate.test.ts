import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { type GatedCluster, policyHolds, startGatedCluster } from "../support/gated-cluster.ts";
import { installedKev, type Kev, masked, nodeVersions } from "../support/packed-cli.ts";
import type { RunningGate } from "../support/running-gate.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

let gated: GatedCluster;
let cluster: GatedCluster["cluster"];
let kev: Kev;
let gate: RunningGate;

const [node] = nodeVersions;

beforeAll(async () => {
  gated = await startGatedCluster();
  ({ cluster, kev } = gated);
  gate = await gated.serve(kev);
  await gated.install(gate.url);
  await policyHolds();
});

afterAll(() => gated?.stop());

const must: GatedCluster["must"] = (...args) => gated.must(...args);
const gatedNamespace: GatedCluster["gatedNamespace"] = (name) => gated.gatedNamespace(name);
const items: GatedCluster["items"] = (namespace, type) => gated.items(namespace, type);
const replicaSets: GatedCluster["replicaSets"] = (namespace) => gated.replicaSets(namespace);

async function hasEvent(namespace: string, reason: string): Promise<boolean> {
  return (await items<KubeEvent>(namespace, "events")).some((event) => event.reason === reason);
}

const waits = (namespace: string): Promise<void> => until(() => hasEvent(namespace, "ApprovalRequired"));

/** Puts another gate in the place of the one that runs. */
async function replaceGate(by: Kev): Promise<void> {
  const { port } = new URL(gate.url);
  gate.process.kill("SIGKILL");
  await gate.process.ended;
  gate = await gated.serve(by, "--port", port);
}

describe.each(nodeVersions.toReversed())("the talk's story on $name", (version) => {
  const prod = `prod-${version.name.slice(5)}`;
  let kev: Kev;

  beforeAll(async () => {
    kev = await installedKev(version, cluster.adminKubeconfig);
    await replaceGate(kev);
  });

  test("a Deployment waits, is approved and rolls out; describe tells it", async () => {
    await gatedNamespace(prod);
    await must("create", "deployment", "ui-server", "--image=nginx:1.27", "-n", prod);
    await waits(prod);
    expect(await replicaSets(prod)).toEqual([]);
    const condition = await must(
      "get",
      "deployment",
      "ui-server",
      "-n",
      prod,
      "-o",
      'jsonpath={.status.conditions[?(@.type=="kev.dev/Approved")].status}',
    );
    expect(condition).toBe("False");

    const status = await kev("gate", "status", "deploy/ui-server", "-n", prod);
    const [digest = "no digest"] = /v1:sha256:[0-9a-f]{64}/.exec(status.stdout) ?? [];
    expect({ ...status, stdout: status.stdout.replace(/ \d+s {2}/, " 1s  ") }).toEqual({
      code: 3,
      stdout:
        "DEPLOYMENT   STATE         WAITING   IMAGES\n" +
        "ui-server    NotApproved   1s        nginx=nginx:1.27\n" +
        `release: ${digest}\n` +
        `to approve: kev emit approve ui-server -n ${prod} --digest ${digest}\n`,
      stderr: "",
    });
    const other = digest.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect((await kev("emit", "approve", "ui-server", "-n", prod, "--digest", other)).code).toBe(3);

    const waiting = cluster.kubectl(
      "wait",
      "--for=condition=kev.dev/Approved",
      "deploy/ui-server",
      "-n",
      prod,
      "--timeout=30s",
    );
    expect(masked(await kev("emit", "approve", "ui-server", "-n", prod, "--digest", digest))).toEqual({
      code: 0,
      stdout: "event/ui-server.ID created\n",
      stderr: "",
    });
    expect((await waiting).code).toBe(0);
    await until(() => hasEvent(prod, "ScalingReplicaSet"));
    expect((await kev("gate", "status", "ui-server", "-n", prod)).code).toBe(0);
    expect((await kev("gate", "status", "-n", prod)).stderr).toBe(`No release waits in ${prod} namespace.\n`);

    const described = await must("describe", "deployment", "ui-server", "-n", prod);
    const rows = described
      .slice(described.indexOf("Events:"))
      .split("\n")
      .slice(3)
      .filter((row) => row.trim() !== "")
      .map((row) =>
        row
          .trim()
          .split(/ {2,}/)
          .map((cell) => cell.replace(/^\d+m?s.*$/, "AGE").replaceAll(/ui-server-[0-9a-z]{7,10}/g, "ui-server-HASH"))
          .join(" | "),
      );
    expect(rows.toSorted()).toEqual(
      [
        `Normal | ApprovalRequired | AGE | kev-gate | Waits for approval: nginx=nginx:1.27; to approve: kev emit approve ui-server -n ${prod} --digest DIGEST`,
        'Warning | ReplicaSetCreateError | AGE | deployment-controller | Failed to create new replica set "ui-server-HASH": admission webhook "gate.kev.dev" denied the request: Your deployment must be approved',
        "Normal | Approval | AGE | ci-approver | Manually tested and approved",
        "Normal | ScalingReplicaSet | AGE | deployment-controller | Scaled up replica set ui-server-HASH from 0 to 1",
      ]
        .toSorted()
        .map((row) => row.replace("DIGEST", /v1:sha256:[0-9a-f]{64}/.exec(described)?.[0] ?? "no digest")),
    );
  });

  test("another template waits again; scaling does not, and neither does going back", async () => {
    await must("set", "image", "deployment/ui-server", "nginx=nginx:1.28", "-n", prod);
    await until(
      async () =>
        (await items<KubeEvent>(prod, "events")).filter(({ reason }) => reason === "ApprovalRequired").length === 2,
    );
    expect(await replicaSets(prod)).toHaveLength(1);
    await must("scale", "deployment/ui-server", "--replicas=3", "-n", prod);
    await until(async () =>
      (await replicaSets(prod)).some(({ spec }) => (spec as { replicas: number }).replicas === 3),
    );
    await must("set", "image", "deployment/ui-server", "nginx=nginx:1.27", "-n", prod);
    await must("rollout", "restart", "deployment/ui-server", "-n", prod);
    await must("rollout", "undo", "deployment/ui-server", "-n", prod).catch(() => "");
    expect(await replicaSets(prod)).toHaveLength(1);
  });
});

test("a Deployment that is deleted and made again waits again", async () => {
  await gatedNamespace("again");
  await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "again");
  await waits("again");
  await kev("emit", "approve", "ui", "-n", "again");
  await until(async () => (await replicaSets("again")).length === 1);
  for (const how of ["background", "foreground"]) {
    await must("delete", "deployment", "ui", "-n", "again", `--cascade=${how}`);
    await until(async () => (await replicaSets("again")).length === 0);
    await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "again");
    const before = await items<KubeEvent>("again", "events");
    await until(async () => {
      const [deployment] = await items<KubeObject>("again", "deployments");
      return (await items<KubeEvent>("again", "events")).some(
        ({ reason, involvedObject }) =>
          reason === "ReplicaSetCreateError" && involvedObject.uid === deployment?.metadata.uid,
      );
    });
    expect(before.some(({ reason }) => reason === "Approval")).toBe(true);
    expect(await replicaSets("again")).toEqual([]);
  }
});

test("rejected, taken back, expired and let through", async () => {
  await gatedNamespace("decisions");
  const make = async (name: string): Promise<void> => {
    await must("create", "deployment", name, "--image=nginx:1.27", "-n", "decisions");
    await until(async () =>
      (await items<KubeEvent>("decisions", "events")).some(
        ({ reason, involvedObject }) => reason === "ApprovalRequired" && involvedObject.name === name,
      ),
    );
  };
  const status = (name: string): Promise<string> =>
    must(
      "get",
      "deployment",
      name,
      "-n",
      "decisions",
      "-o",
      'jsonpath={.status.conditions[?(@.type=="kev.dev/Approved")].reason}',
    );
  await make("rejected");
  await kev("emit", "reject", "rejected", "-n", "decisions");
  await until(async () => (await status("rejected")) === "Rejected");
  await kev("emit", "approve", "rejected", "-n", "decisions", "--as", "other", "--as-group", "system:masters");
  await until(() => /"a release was denied".*reason=Rejected|reason=Rejected/.test(gate.process.output.stderr));
  expect(await status("rejected")).toBe("Rejected");
  await kev("emit", "revoke", "rejected", "-n", "decisions");
  await until(async () => (await status("rejected")) === "Approved");
  await make("glass");
  await kev("emit", "break-glass", "glass", "-n", "decisions", "-m", "the site is down");
  await until(async () => (await status("glass")) === "BreakGlass");
  await until(async () => (await replicaSets("decisions")).length === 2);
});

test("an approval that has expired when the release is resumed does not count", async () => {
  await gatedNamespace("expiry");
  const paused = {
    ...JSON.parse(await must("create", "deployment", "ui", "--image=nginx:1.27", "--dry-run=client", "-o", "json")),
  };
  await cluster.apply(JSON.stringify({ ...paused, spec: { ...paused.spec, paused: true } }), "expiry");
  expect((await kev("emit", "approve", "ui", "-n", "expiry", "--expires", "1s")).code).toBe(0);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await must("rollout", "resume", "deployment/ui", "-n", "expiry");
  await waits("expiry");
  expect((await kev("gate", "status", "ui", "-n", "expiry")).stdout).toMatch(/^ui +Expired /m);
  expect(await replicaSets("expiry")).toEqual([]);
});

describe("who may approve", () => {
  let editor: Kev;
  let approver: Kev;

  beforeAll(async () => {
    if (node === undefined) throw new Error("Node 20 is needed: npm ci installs it");
    await gatedNamespace("people");
    for (const name of ["a", "b"]) await must("create", "deployment", name, "--image=nginx:1.27", "-n", "people");
    await must(
      "create",
      "role",
      "approver-of-a",
      "--verb=approve",
      "--resource=deployments.apps",
      "--resource-name=a",
      "-n",
      "people",
    );
    await must("create", "role", "decides", "--verb=get", "--resource=deployments.apps", "-n", "people");
    await must("create", "role", "writes", "--verb=create", "--resource=events", "-n", "people");
    for (const role of ["approver-of-a", "decides", "writes"]) {
      await must("create", "rolebinding", role, `--role=${role}`, "--user=approver", "-n", "people");
    }
    await must("create", "rolebinding", "editor", "--clusterrole=edit", "--user=editor", "-n", "people");
    editor = await installedKev(node, await cluster.kubeconfigFor({ user: "editor", namespace: "people" }));
    approver = await installedKev(node, await cluster.kubeconfigFor({ user: "approver", namespace: "people" }));
    await waits("people");
  });

  test("nobody who merely may deploy", async () => {
    const { code, stderr } = await editor("emit", "approve", "a");
    expect(code).toBe(4);
    expect(stderr).toContain('you lack the verb approve on deployments.apps "a"');
    expect(await replicaSets("people")).toEqual([]);
  });

  test("an approver of one Deployment not another, even under the name of the first", async () => {
    expect((await approver("emit", "approve", "b")).code).toBe(4);
    const [, b] = await items<KubeObject>("people", "deployments");
    const { code } = await approver("emit", "approve", "a", "--dry-run=server");
    expect(code).toBe(0);
    const forged = JSON.parse((await approver("emit", "approve", "a", "--dry-run=client", "-o", "json")).stdout);
    forged.involvedObject.uid = b?.metadata.uid;
    const kubeconfig = await cluster.kubeconfigFor({ user: "approver", namespace: "people" });
    const created = await cluster.kubectlWith({ stdin: JSON.stringify(forged), kubeconfig }, "create", "-f", "-");
    // Nothing is wrong with it for the policy, which reads the name.
    expect(created.code).toBe(0);
    expect((await kev("gate", "status", "b", "-n", "people")).code).toBe(3);
    expect((await kev("gate", "status", "a", "-n", "people")).code).toBe(3);
    expect(await replicaSets("people")).toEqual([]);
  });

  test("an approver with no other right than to read it and to write events", async () => {
    expect((await approver("emit", "approve", "a")).code).toBe(0);
    await until(async () => (await replicaSets("people")).length === 1);
    expect((await replicaSets("people"))[0]?.metadata.ownerReferences?.[0]?.name).toBe("a");
  });
});

test("while no gate is there releases wait; an approval given meanwhile counts when it is back", async () => {
  await gatedNamespace("outage");
  await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "outage");
  await waits("outage");
  const { port } = new URL(gate.url);
  gate.process.kill("SIGKILL");
  await gate.process.ended;
  await kev("emit", "approve", "ui", "-n", "outage");
  expect(await replicaSets("outage")).toEqual([]);
  gate = await gated.serve(kev, "--port", port);
  await until(async () => (await replicaSets("outage")).length === 1);
});

test("a release that was approved while its Deployment was paused says so when it is out", async () => {
  await gatedNamespace("resumed");
  await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "resumed");
  await waits("resumed");
  await must("rollout", "pause", "deployment/ui", "-n", "resumed");
  await must("set", "image", "deployment/ui", "nginx=nginx:1.28", "-n", "resumed");
  expect((await kev("gate", "status", "-n", "resumed")).stderr).toBe("No release waits in resumed namespace.\n");
  await kev("emit", "approve", "ui", "-n", "resumed");
  await must("rollout", "resume", "deployment/ui", "-n", "resumed");
  await until(async () => (await replicaSets("resumed")).length === 1);
  await must("wait", "--for=condition=kev.dev/Approved", "deploy/ui", "-n", "resumed", "--timeout=20s");
});

test("a namespace that is not gated any more lets go of what waits in it", async () => {
  await gatedNamespace("freed");
  await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "freed");
  await waits("freed");
  await must("label", "namespace", "freed", "requireApproval-");
  await until(async () => (await gated.approvedReason("freed", "ui")) === "NotGated");
  await until(async () => (await replicaSets("freed")).length === 1);
  expect((await kev("gate", "status", "ui", "-n", "freed")).stdout).toContain("namespace freed is not gated");
});

test("without the policy nothing is admitted, and the gate says so", async () => {
  await gatedNamespace("untrusted");
  await must("delete", "validatingadmissionpolicybinding", "kev-decisions");
  await must("create", "deployment", "ui", "--image=nginx:1.27", "-n", "untrusted");
  await kev("emit", "approve", "ui", "-n", "untrusted");
  await until(() => gate.process.output.stderr.includes("there is no ValidatingAdmissionPolicyBinding"));
  const { code } = await cluster.kubectl(
    "wait",
    "--for=condition=kev.dev/Approved",
    "deploy/ui",
    "-n",
    "untrusted",
    "--timeout=3s",
  );
  expect(code).toBe(1);
  expect(await replicaSets("untrusted")).toEqual([]);
});

test("what was installed goes, the webhook first", async () => {
  const flagsOfIt = ["--url", gate.url, "--ca-bundle", cluster.caFile, "--uninstall"];
  const { stdout } = await kev("gate", "manifests", ...flagsOfIt);
  expect([...stdout.matchAll(/^kind: (.*)$/gm)].map(([, kind]) => kind)).toEqual([
    "ValidatingWebhookConfiguration",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingAdmissionPolicy",
    "ClusterRole",
    "ClusterRole",
    "ClusterRole",
  ]);
  await cluster.kubectlWith({ stdin: stdout }, "delete", "--ignore-not-found", "-f", "-");
  expect(await must("get", "validatingwebhookconfigurations,validatingadmissionpolicies", "-o", "name")).toBe("");
});
