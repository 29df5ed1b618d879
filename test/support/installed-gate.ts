import type { ControlPlane } from "./control-plane.ts";
import { policyHolds } from "./gated-cluster.ts";
import { installedKev, type NodeVersion } from "./packed-cli.ts";
import { type RunningGate, startGate } from "./running-gate.ts";
import { until } from "./until.ts";

/** The name that the certificate of an installed gate must have. */
export const installedGateHost = "kev-gate.kev-gate.svc";

/**
 * Runs the gate that `kev gate manifests --image` has installed. There is no node for its Pods, so that it runs beside the
 * control plane: with its service account's token, and its Service leads to it. Resolves when decisions count; the test
 * must end it.
 *
 * @param certificate flags of `kev gate serve`
 */
export async function runInstalledGate(
  cluster: ControlPlane,
  node: NodeVersion,
  certificate: readonly string[],
): Promise<RunningGate> {
  const token = await cluster.tokenFor("kev-gate", "kev-gate");
  const kev = await installedKev(node, await cluster.kubeconfigWith({ token }));
  const gate = await startGate(kev, [...certificate, "--port", "0"]);
  const port = Number(new URL(gate.url).port);
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "kev-gate", namespace: "kev-gate" },
    spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
  };
  await cluster.must("delete", "service", "kev-gate", "-n", "kev-gate");
  await cluster.apply(JSON.stringify(service), "kev-gate");
  const patch = [{ op: "replace", path: "/webhooks/0/clientConfig/service/port", value: port }];
  await cluster.must("patch", "validatingwebhookconfiguration", "kev-gate", "--type=json", "-p", JSON.stringify(patch));
  await policyHolds();
  // Until the API server has heard of the webhook and its Service, releases are held up with another text.
  await until(async () => (await tryRelease(cluster)).includes("Your deployment must be approved"));
  return gate;
}

/** What the API server says of a ReplicaSet that some Deployment might own; nothing is made. */
async function tryRelease(cluster: ControlPlane): Promise<string> {
  const labels = { app: "probe" };
  const owner = { apiVersion: "apps/v1", kind: "Deployment", name: "probe", uid: "probe", controller: true };
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "gate-probe", labels: { requireApproval: "true" } },
  };
  await cluster.apply(JSON.stringify(namespace));
  const replicaSet = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "probe", namespace: "gate-probe", labels, ownerReferences: [owner] },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "a", image: "a" }] } },
    },
  };
  const args = ["create", "--dry-run=server", "-f", "-"];
  return (await cluster.kubectlWith({ stdin: JSON.stringify(replicaSet) }, ...args)).stderr;
}
