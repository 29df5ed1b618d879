import type { KubeObject } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { findObjects } from "../kube/find-objects.ts";
import type { TypeResolver } from "../kube/resolve-type.ts";
import { qualifiedName, type ResourceType } from "../kube/resource-type.ts";
import { usageError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import type { ProbeEntry } from "./target.ts";

export interface FoundSubject {
  readonly type: ResourceType;
  /** Whole where its sites are read from it. */
  readonly object: KubeObject;
  readonly entries: readonly ProbeEntry[];
}

const concurrency = 8;

/**
 * Looks up what the entries' events are about, each object once. RBAC: get on them.
 *
 * @throws usage error for an entry without one, or without a URL on what is no Ingress; what {@link findObjects} throws; the
 * failure of the first that is not there
 */
export async function findSubjects(
  connection: Connection,
  resolver: TypeResolver,
  entries: readonly ProbeEntry[],
  signal: AbortSignal | undefined,
): Promise<FoundSubject[]> {
  const byObject = new Map<string, ProbeEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify([entry.on, entry.namespace]);
    byObject.set(key, [...(byObject.get(key) ?? []), entry]);
  }
  const found = mapConcurrent(byObject.values(), concurrency, (group) =>
    findSubject(connection, resolver, group, signal),
  );
  const subjects: FoundSubject[] = [];
  for await (const one of found) subjects.push(one);
  return subjects;
}

async function findSubject(
  connection: Connection,
  resolver: TypeResolver,
  entries: readonly ProbeEntry[],
  signal: AbortSignal | undefined,
): Promise<FoundSubject> {
  const [{ on = "", namespace = connection.namespace } = {}] = entries;
  const isDerived = entries.some(({ url }) => url === undefined);
  const [result] = await findObjects(connection, resolver, {
    ...{ args: [on], defaultKind: "Ingress", namespace, cwd: "", signal },
    need: () => (isDerived ? "whole" : "metadata"),
  });
  if (result === undefined) throw usageError(`there is no ${on}`);
  if ("error" in result) throw result.error;
  const { type, object } = result;
  if (isDerived && qualifiedName(type) !== "ingresses.networking.k8s.io") {
    throw usageError(`a ${type.kind} does not say what to probe: name a URL`, {
      hint: "only an Ingress has hosts and paths of its own",
    });
  }
  return { type, object, entries };
}
