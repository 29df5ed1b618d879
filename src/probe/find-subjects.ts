import type { KubeObject } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { findObjects } from "../kube/find-objects.ts";
import type { TypeResolver } from "../kube/resolve-type.ts";
import { qualifiedName, type ResourceType } from "../kube/resource-type.ts";
import { type KevError, usageError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import type { ProbeEntry } from "./target.ts";

export interface FoundSubject {
  readonly type: ResourceType;
  /** Whole where its sites are read from it; of one that is not there name and namespace. */
  readonly object: KubeObject;
  readonly isThere: boolean;
  readonly entries: readonly ProbeEntry[];
}

const concurrency = 8;

/**
 * Looks up what the entries' events are about, each object once. RBAC: get on them.
 *
 * @param mayMiss whether it is enough that one of them is there
 * @throws usage error for an entry without one, or without a URL on what is no Ingress; what {@link findObjects} throws; the
 * failure of the first that cannot be read, or is not there
 */
export async function findSubjects(
  connection: Connection,
  resolver: TypeResolver,
  entries: readonly ProbeEntry[],
  { signal, mayMiss }: { signal: AbortSignal | undefined; mayMiss: boolean },
): Promise<FoundSubject[]> {
  const byObject = new Map<string, ProbeEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.on, entry.namespace]);
    byObject.set(key, [...(byObject.get(key) ?? []), entry]);
  }
  const found = mapConcurrent(byObject.values(), concurrency, (group) =>
    findSubject(connection, resolver, group, signal),
  );
  const subjects: (FoundSubject & { error?: KevError })[] = [];
  for await (const one of found) subjects.push(one);
  const missing = subjects.find(({ error }) => error !== undefined);
  if (missing?.error && !(mayMiss && subjects.some(({ isThere }) => isThere))) throw missing.error;
  return subjects;
}

async function findSubject(
  connection: Connection,
  resolver: TypeResolver,
  entries: readonly ProbeEntry[],
  signal: AbortSignal | undefined,
): Promise<FoundSubject & { error?: KevError }> {
  const [{ on = "", namespace = connection.namespace } = {}] = entries;
  const isDerived = entries.some(({ url }) => url === undefined);
  const [result] = await findObjects(connection, resolver, {
    ...{ args: [on], defaultKind: "Ingress", namespace, cwd: "", signal },
    need: () => (isDerived ? "whole" : "metadata"),
  });
  if (result === undefined) throw usageError(`there is no ${on}`);
  const found = "error" in result ? await missingSubject(result.error, resolver, on, namespace) : result;
  const { type, object } = found;
  if (isDerived && qualifiedName(type) !== "ingresses.networking.k8s.io") {
    throw usageError(`a ${type.kind} does not say what to probe: name a URL`, {
      hint: "only an Ingress has hosts and paths of its own",
    });
  }
  return { ...found, object, isThere: !("error" in found), entries };
}

/** @throws the error, unless it says that the object is not there */
async function missingSubject(error: KevError, resolver: TypeResolver, on: string, namespace: string) {
  if (!(error instanceof ApiError && error.httpStatus === 404)) throw error;
  const [word = "", name = ""] = on.split("/");
  const type = await resolver.preferred(await resolver.resolve(word));
  return { type, object: { metadata: { name, ...(type.namespaced && { namespace }) } }, error };
}
