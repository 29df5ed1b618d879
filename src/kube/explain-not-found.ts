import type { KubeObject } from "../events/event.ts";
import { didYouMean, nearest } from "../util/nearest.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import { matchType } from "./match-type.ts";
import { objectPath } from "./object-path.ts";
import { resourceTable } from "./resource-table.ts";
import type { ResourceType } from "./resource-type.ts";

/**
 * What a person should know about an object that was not found: that the namespace does not exist either (then that is
 * the error to show), or which objects have nearly its name. Asks the server, and never fails: what it may not see, it
 * does not say.
 *
 * @returns the error to show: `error` itself, perhaps with a hint, or the one about the namespace
 */
export async function explainNotFound(
  connection: Connection,
  error: ApiError,
  { type, namespace, name }: { type: ResourceType; namespace: string | undefined; name: string },
): Promise<ApiError> {
  // Something that is no API server answered, or a part of one that is not there: there is nothing to ask it.
  if (error.status === undefined) return error;
  const scope = type.namespaced ? namespace : undefined;
  if (scope !== undefined) {
    const missing = await missingNamespace(connection, scope);
    if (missing !== undefined) return missing;
  }
  const names = await namesOf(connection, objectPath(type, scope));
  const close = nearest(name, names);
  if (close.length > 0) error.hint ??= didYouMean(close);
  else if (scope !== undefined) error.hint ??= `looked in namespace ${scope}; -n names another`;
  // Unlike kubectl's, a word alone is the name of a Deployment.
  if (close.length === 0 && matchType(resourceTable, name)) {
    error.addHint(`${name} is a type, too: an object of it is ${name}/NAME`);
  }
  return error;
}

/** The error about `namespace` when the server says that there is none. Never fails, as {@link explainNotFound}. */
export async function missingNamespace(connection: Connection, namespace: string): Promise<ApiError | undefined> {
  try {
    await connection.request({ path: `/api/v1/namespaces/${encodeURIComponent(namespace)}` });
  } catch (error) {
    if (error instanceof ApiError && error.reason === "NotFound") {
      const names = await namesOf(connection, "/api/v1/namespaces");
      const close = nearest(namespace, names);
      error.hint = didYouMean(close) ?? error.hint;
      return error;
    }
  }
  return undefined;
}

async function namesOf(connection: Connection, path: string): Promise<string[]> {
  try {
    const list = await connection.request<{ items?: KubeObject[] }>({
      path,
      query: { limit: "500" },
      accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
    });
    return (list.items ?? []).flatMap(({ metadata }) => metadata.name ?? []);
  } catch {
    return [];
  }
}
