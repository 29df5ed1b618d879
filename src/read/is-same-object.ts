import type { KubeObject, ObjectReference } from "../events/event.ts";

/**
 * Whether the object is the one that an event's reference means, and not another of its name. A static pod's events carry
 * the uid of its manifest, and the kubelet's about its node the node's name.
 */
export function isSameObject({ kind, metadata }: KubeObject, { uid }: ObjectReference): boolean {
  if (!uid || uid === metadata.uid || uid === metadata.annotations?.["kubernetes.io/config.mirror"]) return true;
  return kind === "Node" && uid === metadata.name;
}
