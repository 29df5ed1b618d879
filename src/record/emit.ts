import type { KubeEvent, KubeObject } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { readObject } from "../kube/read-objects.ts";
import { usageError } from "../util/errors.ts";
import { emitOn, needsWhole } from "./emission.ts";
import { emitAll } from "./emit-all.ts";
import type { EmitContent, EmitSettings } from "./emit-options.ts";
import { prepareEmission } from "./prepare-emission.ts";

/** An object by its reference, as manifests and other events name it. */
export interface ObjectName {
  apiVersion: string;
  kind: string;
  name: string;
  /** Default the connection's; ignored for cluster-scoped kinds. */
  namespace?: string | undefined;
}

export type EmitInput = EmitContent &
  EmitSettings & {
    /**
     * What the event is about: `TYPE/NAME` as kubectl takes it, `NAME` of a Deployment (or of the preset's kind), a
     * reference, or an object as the server sent it, which saves the look-up.
     */
    object: string | ObjectName | KubeObject;
  };

/**
 * Looks `object` up and creates one Event on it.
 *
 * ```ts
 * const event = await emit(connection, { what: "approve", object: "ui-server", namespace: "prod" });
 * ```
 *
 * RBAC: get on the object, create on events; with `key` also get and patch on events.
 *
 * @returns the event as the server stored it; with `key`, with its count
 * @throws {@link KevError} of kind `usage` (limits: reason, action and instance 128 bytes, message 1024 bytes; labels; a bad
 *   type), {@link ApiError} when the server refused (`refused`, `not-found`, `failed`), {@link UnreachableError} when it
 *   could not be asked within `retryTimeout`, and the signal's reason
 */
export async function emit(connection: Connection, input: EmitInput): Promise<KubeEvent> {
  const { object } = input;
  if (typeof object === "string") return await emitOnArgument(connection, input, object);
  const emission = prepareEmission(connection, input);
  const { apiVersion = "", kind = "" } = object;
  const type = await emission.resolver.preferred(await emission.resolver.resolveKind(apiVersion, kind));
  const isEnough = isObject(object) && (object.spec !== undefined || !needsWhole(emission, type));
  if (isEnough && object.metadata.uid !== undefined) return (await emitOn(emission, type, object)).event;
  const { name, namespace = emission.namespace } = isObject(object) ? object.metadata : object;
  const extent = needsWhole(emission, type) ? "whole" : "metadata";
  const found = await readObject(emission.reader, { type, namespace, extent, signal: input.signal }, name ?? "");
  return (await emitOn(emission, type, found)).event;
}

async function emitOnArgument(connection: Connection, input: EmitInput, argument: string): Promise<KubeEvent> {
  for await (const outcome of emitAll(connection, { ...input, objects: { args: [argument] } })) {
    if (outcome.outcome === "failed") throw outcome.error;
    return outcome.event;
  }
  throw usageError("no object was named");
}

function isObject(object: ObjectName | KubeObject): object is KubeObject {
  return "metadata" in object;
}
