import { setTimeout as sleep } from "node:timers/promises";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { conditionOn } from "../../src/gate/approved-condition.ts";
import { recordOf } from "../../src/util/is-record.ts";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "./packed-cli.ts";
import { gateCertificate, type RunningGate, startGate } from "./running-gate.ts";

/** A control plane whose releases a gate holds back, and one's questions about them. Throws what kubectl says. */
export interface GatedCluster {
  readonly cluster: ControlPlane;
  /** kev on the oldest Node, as the administrator. */
  readonly kev: Kev;
  /** Starts a gate, on a free port unless the flags name one; `stop` ends it. */
  serve(kev: Kev, ...flags: string[]): Promise<RunningGate>;
  /** Applies what `kev gate manifests` prints. */
  install(url: string): Promise<void>;
  /** What kubectl prints to the administrator. */
  must(...args: string[]): Promise<string>;
  /** Makes a namespace whose releases are held back. */
  gatedNamespace(name: string): Promise<string>;
  items<T = KubeObject>(namespace: string, type: string): Promise<T[]>;
  /** Of all Deployments of the namespace, or of one. */
  replicaSets(namespace: string, deployment?: string): Promise<KubeObject[]>;
  events(namespace: string, reason: string, deployment?: string): Promise<KubeEvent[]>;
  /** The reason of a Deployment's condition kev.dev/Approved. */
  approvedReason(namespace: string, deployment: string): Promise<string | undefined>;
  /**
   * `admitted`, or what the API server says against a ReplicaSet of the Deployment's present template: a dry run, which the
   * gate is asked about as about any.
   */
  tryRelease(namespace: string, deployment: string, change?: (template: Template) => void): Promise<string>;
  /** Ends all gates and the control plane. */
  stop(): Promise<void>;
}

export interface Template {
  metadata: { labels: Record<string, string> };
  // biome-ignore lint/suspicious/noExplicitAny: whatever a pod may have
  spec: any;
}

/** Starts one. Webhooks and policies hold for a whole cluster, so it is its user's own. */
export async function startGatedCluster(options: ControlPlaneOptions = {}): Promise<GatedCluster> {
  const cluster = await startControlPlane(options);
  const gates: RunningGate[] = [];
  const { must } = cluster;
  const items: GatedCluster["items"] = async <T>(namespace: string, type: string) =>
    (JSON.parse(await must("get", type, "-n", namespace, "-o", "json")) as { items: T[] }).items;
  const deployment = async (namespace: string, name: string): Promise<KubeObject> =>
    JSON.parse(await must("get", "deployment", name, "-n", namespace, "-o", "json")) as KubeObject;
  const [oldest] = nodeVersions;
  try {
    if (oldest === undefined) throw new Error("Node 20 is needed: npm ci installs it");
    const kev = await installedKev(oldest, cluster.adminKubeconfig);
    const certificate = await gateCertificate(cluster);
    return {
      cluster,
      kev,
      serve: async (by, ...flags) => {
        const gate = await startGate(by, [...certificate, "--port", "0", ...flags]);
        gates.push(gate);
        return gate;
      },
      install: async (url) => {
        const { code, stdout, stderr } = await kev("gate", "manifests", "--url", url, "--ca-bundle", cluster.caFile);
        if (code !== 0) throw new Error(stderr);
        await cluster.apply(stdout);
      },
      must,
      gatedNamespace: async (name) => {
        await must("create", "namespace", name);
        await must("label", "namespace", name, "requireApproval=true");
        return name;
      },
      items,
      replicaSets: async (namespace, name) =>
        (await items<KubeObject>(namespace, "replicasets")).filter(
          ({ metadata }) => name === undefined || metadata.ownerReferences?.[0]?.name === name,
        ),
      events: async (namespace, reason, name) =>
        (await items<KubeEvent>(namespace, "events")).filter(
          (event) => event.reason === reason && (name === undefined || event.involvedObject.name === name),
        ),
      approvedReason: async (namespace, name) => conditionOn(await deployment(namespace, name))?.reason,
      tryRelease: async (namespace, name, change) => {
        const replicaSet = replicaSetOf(await deployment(namespace, name), change);
        const args = ["create", "-n", namespace, "--dry-run=server", "-f", "-"];
        const { code, stderr } = await cluster.kubectlWith({ stdin: JSON.stringify(replicaSet) }, ...args);
        return code === 0 ? "admitted" : stderr.trim().replace(/^.*denied the request: /s, "");
      },
      stop: async () => {
        for (const gate of gates) gate.process.kill("SIGKILL");
        await Promise.all(gates.map((gate) => gate.process.ended));
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Resolves when decisions that are written from now on count: what comes sooner after the policy never does. */
export async function policyHolds(): Promise<void> {
  await sleep(12_000);
}

/** The ReplicaSet that the Deployment controller would make. */
function replicaSetOf({ apiVersion, kind, metadata, spec }: KubeObject, change?: (template: Template) => void): object {
  const { name = "", uid = "" } = metadata;
  const { template } = structuredClone(recordOf(spec)) as unknown as { template: Template };
  template.metadata.labels["pod-template-hash"] = "tried";
  change?.(template);
  const owner = { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: `${name}-tried`, labels: template.metadata.labels, ownerReferences: [owner] },
    spec: { replicas: 1, selector: { matchLabels: template.metadata.labels }, template },
  };
}
