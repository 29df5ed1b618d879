import type { KubeEvent, ObjectReference } from "./event.ts";

/**
 * What Kubernetes' own controllers make of one another, and how they name it: the owner's name and a suffix. The letters
 * are those of SafeEncodeString and generateName (k8s.io/apimachinery/pkg/util/rand).
 */
const random = "[bcdfghjklmnpqrstvwxz2456789]";
const offspring: readonly { owner: string; child: string; suffix: RegExp }[] = [
  { owner: "apps/Deployment", child: "apps/ReplicaSet", suffix: new RegExp(`-${random}{1,10}$`) },
  { owner: "apps/ReplicaSet", child: "core/Pod", suffix: new RegExp(`-${random}{5}$`) },
  { owner: "apps/DaemonSet", child: "core/Pod", suffix: new RegExp(`-${random}{5}$`) },
  { owner: "apps/StatefulSet", child: "core/Pod", suffix: /-\d+$/ },
  { owner: "batch/Job", child: "core/Pod", suffix: new RegExp(`(-\\d+)?-${random}{5}$`) },
  { owner: "batch/CronJob", child: "batch/Job", suffix: /-\d{6,}$/ },
  { owner: "core/ReplicationController", child: "core/Pod", suffix: new RegExp(`-${random}{5}$`) },
];

/** `apps/ReplicaSet`; `core/Pod`. Without an apiVersion it is taken for core's. */
export function kindOf({ apiVersion = "", kind = "" }: ObjectReference): string {
  const slash = apiVersion.indexOf("/");
  return `${slash === -1 ? "core" : apiVersion.slice(0, slash)}/${kind}`;
}

/** The owners that an object which is gone may have had, by its name and in its namespace. */
export function ownersByName(child: ObjectReference): ObjectReference[] {
  const { name = "", namespace } = child;
  return offspring
    .filter((rule) => rule.child === kindOf(child) && rule.suffix.test(name))
    .map(({ owner, suffix }) => {
      const [group = "", kind = ""] = owner.split("/");
      const apiVersion = group === "core" ? "v1" : `${group}/v1`;
      return { apiVersion, kind, name: name.replace(suffix, ""), ...(namespace !== undefined && { namespace }) };
    });
}

/**
 * What an event says that its object has made, as CHILD-KIND NAME for each word that may be a name: "Created pod: web-1",
 * "Scaled up replica set web-5d9c from 0 to 1". Controllers of custom resources may make any kind: `* NAME`.
 */
export function childrenNamedBy({ involvedObject, message = "" }: KubeEvent): string[] {
  const owner = kindOf(involvedObject);
  const children = isCustom(owner) ? ["*"] : offspring.filter((rule) => rule.owner === owner).map(({ child }) => child);
  if (children.length === 0) return [];
  // A name holds letters, digits, "-" and "."; a full stop may end the sentence.
  const words = new Set(message.split(/[^A-Za-z0-9.-]+/).map((word) => word.replace(/[.-]+$/, "")));
  return children.flatMap((child) => [...words].filter((word) => word !== "").map((word) => `${child} ${word}`));
}

/** How {@link childrenNamedBy} may name this object. */
export function namesAsChild(child: ObjectReference): string[] {
  return [`${kindOf(child)} ${child.name}`, `* ${child.name}`];
}

// Groups of Kubernetes itself have no dot, or belong to k8s.io.
function isCustom(kind: string): boolean {
  const group = kind.slice(0, kind.indexOf("/"));
  return group.includes(".") && !group.endsWith(".k8s.io");
}
