import { digestsOf, imagesOf } from "../events/decision.ts";
import type { KubeObject } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { readCollection } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";
import { recordOf } from "../util/is-record.ts";

/** The ReplicaSets of a namespace. RBAC: list on replicasets. @throws ApiError, UnreachableError */
export function listReplicaSets(
  connection: Connection,
  namespace: string,
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  return readCollection(
    connection,
    { type: builtInType("apps", "replicasets"), namespace, extent: "whole", signal },
    undefined,
  );
}

/** What became of a Deployment's releases. */
export interface RolledOut {
  /** Whether the release that the Deployment asks for now has its ReplicaSet: nothing is left to admit. */
  isOut: boolean;
  /** The images that run, as `container=image`, joined by commas; undefined: none of its releases was ever rolled out. */
  running: string | undefined;
}

/** What of a Deployment has been rolled out. Pure. */
export function rolledOut(deployment: KubeObject, replicaSets: readonly KubeObject[]): RolledOut {
  const { uid } = deployment.metadata;
  const own = replicaSets.filter(({ metadata }) =>
    metadata.ownerReferences?.some((owner) => owner.controller === true && owner.uid === uid),
  );
  const { digest } = digestsOf(templateOf(deployment));
  const [running] = own.toSorted((a, b) => podsOf(b) - podsOf(a) || revisionOf(b) - revisionOf(a));
  return {
    isOut: own.some((replicaSet) => digestsOf(templateOf(replicaSet)).digest === digest),
    running: running && imagesOf(templateOf(running)),
  };
}

function templateOf({ spec }: KubeObject): unknown {
  return recordOf(spec).template;
}

function podsOf({ status }: KubeObject): number {
  const { availableReplicas, replicas } = recordOf(status);
  return Number(availableReplicas ?? 0) * 1_000_000 + Number(replicas ?? 0);
}

function revisionOf({ metadata }: KubeObject): number {
  return Number(metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}
