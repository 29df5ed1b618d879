import type { ObjectReference } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { explainNotFound } from "../kube/explain-not-found.ts";
import { parseObjectArguments } from "../kube/object-arguments.ts";
import { readObject } from "../kube/read-objects.ts";
import type { TypeResolver } from "../kube/resolve-type.ts";
import { apiVersionOf, type ResourceType } from "../kube/resource-type.ts";
import { usageError } from "../util/errors.ts";

/** An object that events are looked for, by name: it need not be there any more. */
export interface EventSubject {
  type: ResourceType;
  reference: ObjectReference;
}

/**
 * The objects that `args` name (`NAME…`, `TYPE/NAME…`, `TYPE NAME…`), whether they are there or not. Needs no rights
 * beyond those of discovery.
 *
 * @param namespace of the objects; cluster-scoped ones have none
 * @throws usage errors, and not-found for an unknown type
 */
export async function eventSubjects(
  resolver: TypeResolver,
  args: readonly string[],
  namespace: string | undefined,
): Promise<EventSubject[]> {
  const selection = await parseObjectArguments({ args, defaultKind: "Deployment" }, resolver.isType);
  if (selection.by !== "name") throw usageError("name objects as NAME, TYPE/NAME or TYPE NAME");
  return await Promise.all(
    selection.targets.map(async ({ type: word, name }) => {
      const type = await resolver.preferred(await resolver.resolve(word));
      const place = type.namespaced && namespace !== undefined ? { namespace } : {};
      return { type, reference: { apiVersion: apiVersionOf(type), kind: type.kind, name, ...place } };
    }),
  );
}

/** Throws not-found for an object that is not there; who may not get it is told nothing. Needs get, where there is it. */
export async function checkSubject(connection: Connection, subject: EventSubject, signal?: AbortSignal): Promise<void> {
  const { type, reference } = subject;
  const { name = "", namespace } = reference;
  try {
    await readObject(connection, { type, namespace, extent: "metadata", signal }, name);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.httpStatus === 404) throw await explainNotFound(connection, error, { type, namespace, name });
  }
}
