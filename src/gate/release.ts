import { digestsOf, imagesOf } from "../events/decision.ts";
import type { KubeObject } from "../events/event.ts";
import { recordOf } from "../util/is-record.ts";

/** One pod template of one Deployment. */
export interface Release {
  namespace: string;
  /** Of the Deployment. */
  name: string;
  /** Of the Deployment. */
  uid: string;
  /** Of the template: `templateDigest`. */
  digest: string;
  /** Of the template without the mark of `kubectl rollout restart`. */
  restartlessDigest: string;
  /** `container=image`, joined by commas. */
  images: string;
}

/** The release that a ReplicaSet belongs to; undefined when its controller is no Deployment of `apps`. */
export function releaseOfReplicaSet(replicaSet: KubeObject): Release | undefined {
  const { namespace = "", ownerReferences = [] } = replicaSet.metadata;
  const owner = ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined || owner.kind !== "Deployment" || !owner.apiVersion.startsWith("apps/")) return undefined;
  return { namespace, name: owner.name, uid: owner.uid, ...templateOf(replicaSet) };
}

/** The release that a Deployment asks for now. */
export function releaseOfDeployment(deployment: KubeObject): Release {
  const { namespace = "", name = "", uid = "" } = deployment.metadata;
  return { namespace, name, uid, ...templateOf(deployment) };
}

function templateOf({ spec }: KubeObject): Pick<Release, "digest" | "restartlessDigest" | "images"> {
  const { template } = recordOf(spec);
  return { ...digestsOf(template), images: imagesOf(template) };
}
