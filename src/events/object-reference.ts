import { usageError } from "../util/errors.ts";
import { recordOf } from "../util/is-record.ts";
import type { KubeObject, ObjectReference } from "./event.ts";

/** What `referenceTo` needs to know of the object's type. */
export interface ReferencedType {
  /** The server's preferred one: `kubectl events --for` finds only events that carry it. */
  apiVersion: string;
  kind: string;
  namespaced: boolean;
}

/**
 * The involvedObject (or related) of an event on `object`, such that every reader finds the event:
 * no namespace for cluster-scoped objects (describe searches for an empty one), and for a static pod the uid of its
 * manifest, which is what the kubelet uses and describe searches for.
 *
 * @param container name of a container of a pod; needs the whole pod
 * @throws usage error when the object is no pod, or has no such container
 */
export function referenceTo(type: ReferencedType, object: KubeObject, container?: string): ObjectReference {
  const { name, namespace, uid, resourceVersion, annotations } = object.metadata;
  const isPod = type.kind === "Pod" && type.apiVersion === "v1";
  const mirrorOf = isPod ? annotations?.[mirrorAnnotation] : undefined;
  const fieldPath = container === undefined ? undefined : containerPath(isPod, object, container);
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    ...(name !== undefined && { name }),
    ...(type.namespaced && namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid: mirrorOf ?? uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(fieldPath !== undefined && { fieldPath }),
  };
}

/** On a static pod: the uid of its manifest. */
const mirrorAnnotation = "kubernetes.io/config.mirror";
const containerLists = ["containers", "initContainers", "ephemeralContainers"] as const;
type ContainerLists = Partial<Record<(typeof containerLists)[number], { name: string }[]>>;

function containerPath(isPod: boolean, object: KubeObject, container: string): string {
  if (!isPod) throw usageError((name) => `${name("container")} is for pods, "${object.metadata.name ?? ""}" is none`);
  const spec = (object.spec ?? {}) as ContainerLists;
  const list = containerLists.find((key) => spec[key]?.some(({ name }) => name === container));
  if (list !== undefined) return `spec.${list}{${container}}`;
  const names = containerLists.flatMap((key) => (spec[key] ?? []).map(({ name }) => name));
  throw usageError(`container ${container} is not valid for pod ${object.metadata.name ?? ""}`, {
    hint: `its containers are ${names.join(", ")}`,
  });
}

/** What {@link referenceTo} reads of `object`, and no more: for who remembers many. */
export function referable({ apiVersion, kind, metadata, spec }: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, annotations } = metadata;
  const mirrorOf = annotations?.[mirrorAnnotation];
  const mirror = mirrorOf === undefined ? {} : { annotations: { [mirrorAnnotation]: mirrorOf } };
  const lists = containerLists.flatMap((key) => {
    const containers = recordOf(spec)[key];
    return Array.isArray(containers)
      ? [[key, containers.map((container) => ({ name: recordOf(container).name }))]]
      : [];
  });
  const own = { metadata: { name, namespace, uid, resourceVersion, ...mirror }, spec: Object.fromEntries(lists) };
  return { apiVersion, kind, ...own } as KubeObject;
}
