import type { KubeObject, ObjectReference } from "../events/event.ts";
import { referenceTo } from "../events/object-reference.ts";
import { readObject } from "../kube/read-objects.ts";
import { resourceTable } from "../kube/resource-table.ts";
import { apiVersionOf, type ResourceType } from "../kube/resource-type.ts";
import { usageError } from "../util/errors.ts";
import { type Emission, needsWhole, refuseEvent } from "./emission.ts";
import type { ObjectName } from "./emit.ts";
import { findOne } from "./emit-batch.ts";

/** A reference to an object. With a uid, as the involvedObject of other events has it, it is written as it is, and nothing is looked up. */
export interface RecordedReference extends ObjectName {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  fieldPath?: string | undefined;
}

/**
 * What an event is about: an object as the server sent it, a reference, `TYPE/NAME` as kubectl takes it, or `NAME` of a
 * Deployment (or of the preset's kind). An object with its uid is not looked up.
 */
export type RecordedObject = string | RecordedReference | KubeObject;

/** For people: `Deployment/ui-server`. */
export function objectText(object: RecordedObject): string {
  return typeof object === "string" ? object : `${object.kind ?? ""}/${nameOf(object) ?? ""}`;
}

/** Throws a usage error for what names no object. */
export function checkRecorded(object: RecordedObject): void {
  if (typeof object === "string") {
    const parts = object.split("/");
    if (parts.length <= 2 && !parts.includes("")) return;
    throw usageError(`"${object}" names no object`, {
      hint: "an object is named as TYPE/NAME, or NAME of a Deployment",
    });
  }
  if (!nameOf(object)) throw usageError("the object has no name");
  if (object.apiVersion && object.kind) return;
  throw usageError(`the object "${nameOf(object)}" says no apiVersion or kind`, {
    hint: "the items of a list say none: set both",
  });
}

/** The type of an object, where its apiVersion is the one that every server prefers; undefined where only the server knows. */
export function typeNow({ apiVersion, kind }: RecordedReference | KubeObject): ResourceType | undefined {
  return resourceTable.find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
}

/** The reference to `object` that it says by itself; undefined where it must be looked up. Throws usage errors. */
export function ownReference(
  { input, namespace }: Emission,
  type: ResourceType,
  object: RecordedReference | KubeObject,
): ObjectReference | undefined {
  refuseEvent(type, nameOf(object));
  const { container } = input;
  if (isObject(object)) {
    if (object.metadata.uid === undefined || (container !== undefined && object.spec === undefined)) return undefined;
    if (type.namespaced && !object.metadata.namespace) {
      throw usageError(`the object "${object.metadata.name}" says no namespace`);
    }
    return referenceOf(type, object, container);
  }
  if (!object.uid || container !== undefined) return undefined;
  const { name, uid, resourceVersion, fieldPath } = object;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    ...(type.namespaced && { namespace: object.namespace || namespace }),
    uid,
    ...(resourceVersion && { resourceVersion }),
    ...(fieldPath && { fieldPath }),
  };
}

/** What is to be looked up once for all that is recorded about it at the time. */
export function lookUpKey({ input, namespace, resolved }: Emission, object: RecordedObject): string {
  const isWhole = input.container !== undefined;
  if (typeof object === "string") return JSON.stringify([object, resolved.defaultKind, namespace, isWhole]);
  const { apiVersion, kind } = object;
  const own = isObject(object) ? object.metadata : object;
  return JSON.stringify([apiVersion, kind, own.name, own.namespace || namespace, own.uid, isWhole]);
}

/** Asks for the type of `object`, and for the object itself unless it says all by itself. Throws what that throws. */
export async function lookUp(emission: Emission, object: RecordedObject): Promise<FoundReference> {
  const { reader, resolver, resolved, input } = emission;
  if (typeof object === "string") {
    const found = await findOne(emission, object, resolved.defaultKind ?? "Deployment");
    refuseEvent(found.type, found.object.metadata.name);
    return (container) => referenceOf(found.type, found.object, container);
  }
  const { apiVersion = "", kind = "" } = object;
  const type = await resolver.preferred(await resolver.resolveKind(apiVersion, kind));
  const reference = ownReference(emission, type, object);
  if (reference) return () => reference;
  const { name = "", namespace } = isObject(object) ? object.metadata : object;
  const extent = needsWhole(emission, type) ? "whole" : "metadata";
  const target = { type, namespace: namespace || emission.namespace, extent, signal: input.signal } as const;
  const found = await readObject(reader, target, name);
  return (container) => referenceOf(type, found, container);
}

/** To an object that was found, or to a container of it. Throws a usage error for one that it does not have. */
export type FoundReference = (container: string | undefined) => ObjectReference;

function referenceOf(type: ResourceType, object: KubeObject, container: string | undefined): ObjectReference {
  return referenceTo(
    { apiVersion: apiVersionOf(type), kind: type.kind, namespaced: type.namespaced },
    object,
    container,
  );
}

function isObject(object: RecordedReference | KubeObject): object is KubeObject {
  return "metadata" in object;
}

function nameOf(object: RecordedReference | KubeObject): string | undefined {
  return isObject(object) ? object.metadata.name : object.name;
}
