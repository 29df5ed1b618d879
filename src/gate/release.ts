import { imagesOf } from "../events/decision.ts";
import type { KubeObject } from "../events/event.ts";
import { templateDigest } from "../events/template-digest.ts";
import { recordOf } from "../util/is-record.ts";

/** One pod template of one Deployment. */
export interface Release {
  namespace: string;
  /** Of the Deployment. */
  name: string;
  /** Of the Deployment. */
  uid: string;
  /** Of the template: {@link templateDigest}. */
  digest: string;
  /** `container=image`, joined by commas. */
  images: string;
}

/**
 * The release that a ReplicaSet belongs to; undefined when its controller is no Deployment of `apps`.
 *
 * @param ignored annotations of the template that make no other release
 */
export function releaseOfReplicaSet(replicaSet: KubeObject, ignored: readonly string[] = []): Release | undefined {
  const { namespace = "", ownerReferences = [] } = replicaSet.metadata;
  const owner = ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined || owner.kind !== "Deployment" || !owner.apiVersion.startsWith("apps/")) return undefined;
  return { namespace, name: owner.name, uid: owner.uid, ...templateOf(replicaSet, ignored) };
}

/** The release that a Deployment asks for now. */
export function releaseOfDeployment(deployment: KubeObject, ignored: readonly string[] = []): Release {
  const { namespace = "", name = "", uid = "" } = deployment.metadata;
  return { namespace, name, uid, ...templateOf(deployment, ignored) };
}

function templateOf({ spec }: KubeObject, ignored: readonly string[]): Pick<Release, "digest" | "images"> {
  const { template } = recordOf(spec);
  return { digest: templateDigest(template, ignored), images: imagesOf(template) };
}
