import { digestsOf, imagesOf } from "../events/decision.ts";
import type { KubeObject } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { labelSelectorText } from "../kube/label-selector-text.ts";
import { mapCollection } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";
import { recordOf } from "../util/is-record.ts";

/** What counts of a ReplicaSet here; its template may be large. */
export interface ReplicaSetSummary {
  /** Of its controller. */
  ownerUid: string | undefined;
  /** Of its template. */
  digest: string;
  images: string;
  revision: number;
  /** Those that run, and less than any of them those that do not. */
  pods: number;
}

/** The ReplicaSets of a namespace. RBAC: list on replicasets. @throws ApiError, UnreachableError */
export function listReplicaSets(
  connection: Connection,
  namespace: string,
  { labelSelector, signal }: { labelSelector?: string | undefined; signal?: AbortSignal | undefined } = {},
): Promise<ReplicaSetSummary[]> {
  const target = { type: builtInType("apps", "replicasets"), namespace, extent: "whole", signal } as const;
  return mapCollection(connection, target, labelSelector, summaryOf);
}

/** Those of one Deployment, and what else it selects: its own always bear the labels that it asks for. Likewise. */
export function replicaSetsOf(
  connection: Connection,
  { metadata, spec }: KubeObject,
  signal?: AbortSignal,
): Promise<ReplicaSetSummary[]> {
  const labelSelector = labelSelectorText(recordOf(spec).selector);
  return listReplicaSets(connection, metadata.namespace ?? "", { labelSelector, signal });
}

/** What became of a Deployment's releases. */
export interface RolledOut {
  /** Whether the release that the Deployment asks for now has its ReplicaSet: nothing is left to admit. */
  isOut: boolean;
  /** The images that run, as `container=image`, joined by commas; undefined: none of its releases was ever rolled out. */
  running: string | undefined;
}

/** What of a Deployment has been rolled out. Pure. */
export function rolledOut(deployment: KubeObject, replicaSets: readonly ReplicaSetSummary[]): RolledOut {
  const own = replicaSets.filter(({ ownerUid }) => ownerUid === deployment.metadata.uid);
  const { digest } = digestsOf(templateOf(deployment));
  const [running] = own.toSorted((a, b) => b.pods - a.pods || b.revision - a.revision);
  return { isOut: own.some((replicaSet) => replicaSet.digest === digest), running: running?.images };
}

/** What counts of a ReplicaSet. Pure. */
export function summaryOf(replicaSet: KubeObject): ReplicaSetSummary {
  const { annotations, ownerReferences = [] } = replicaSet.metadata;
  const { availableReplicas, replicas } = recordOf(replicaSet.status);
  const template = templateOf(replicaSet);
  return {
    ownerUid: ownerReferences.find(({ controller }) => controller === true)?.uid,
    digest: digestsOf(template).digest,
    images: imagesOf(template),
    revision: Number(annotations?.["deployment.kubernetes.io/revision"] ?? 0),
    pods: Number(availableReplicas ?? 0) * 1_000_000 + Number(replicas ?? 0),
  };
}

function templateOf({ spec }: KubeObject): unknown {
  return recordOf(spec).template;
}
