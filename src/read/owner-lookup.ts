import type { KubeObject, ObjectReference } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { readCollection, readObject } from "../kube/read-objects.ts";
import { createTypeResolver, type TypeResolver } from "../kube/resolve-type.ts";
import { qualifiedName, type ResourceType } from "../kube/resource-type.ts";
import { withRetry } from "../kube/with-retry.ts";
import { systemClock } from "../util/clock.ts";
import { KevError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { isSameObject } from "./is-same-object.ts";

/** What the server says of an object. */
export interface Sighting {
  /** As ownerReferences name them, in the object's namespace. Undefined: the object could not be read. */
  readonly owners: readonly ObjectReference[] | undefined;
  /** True when it is certain that this object, by its uid, is not there. */
  readonly isGone: boolean;
}

export const unseen: Sighting = { owners: undefined, isGone: false };
const gone: Sighting = { owners: undefined, isGone: true };

/** Looks objects up as references name them; the results stand in their order. */
export type OwnerLookup = (references: readonly ObjectReference[], signal?: AbortSignal) => Promise<Sighting[]>;

export interface OwnerLookupOptions {
  /** Whether objects without a namespace matter. An owner with a namespace owns none of them. */
  clusterScoped: boolean;
  resolver?: TypeResolver | undefined;
  onUnreadable?: ((error: KevError) => void) | undefined;
}

/** From this many on, objects of one type in one namespace are listed; fewer are read one by one. */
const fewest = 5;
const atOnce = 8;
const pageSize = 1_000;
/** Milliseconds in which a type that cannot be read is tried again. */
const patience = 2_000;

/** Objects of one type in one place. */
interface Group {
  type: ResourceType;
  namespace: string | undefined;
  members: { index: number; reference: ObjectReference }[];
}

/** References may say anything, as events may: what names no type or no object that can be is gone. */
export function createOwnerLookup(connection: Connection, options: OwnerLookupOptions): OwnerLookup {
  const resolver = options.resolver ?? createTypeResolver(connection, { clock: systemClock });
  const told = new Set<string>();
  /** Types that are not asked for again. */
  const refused = new Set<string>();

  /** Undefined for a type that the server does not serve. */
  const typeOf = async ({ apiVersion, kind = "" }: ObjectReference): Promise<ResourceType | undefined> => {
    try {
      return await (apiVersion ? resolver.resolveKind(apiVersion, kind) : resolver.resolve(kind));
    } catch (error) {
      if (error instanceof KevError && !(error instanceof ApiError) && error.kind === "not-found") return undefined;
      throw error;
    }
  };

  const tell = (type: ResourceType, error: KevError): void => {
    const name = qualifiedName(type);
    if (!told.has(name)) options.onUnreadable?.(error);
    told.add(name);
  };

  const look = async ({ type, namespace, members }: Group, signal?: AbortSignal): Promise<[number, Sighting][]> => {
    if (refused.has(qualifiedName(type))) return members.map(({ index }) => [index, unseen]);
    const patient = withRetry(connection, { timeout: patience, clock: systemClock, signal });
    const target = { type, namespace, extent: "metadata", pageSize, signal } as const;
    const names = [...new Set(members.map(({ reference }) => reference.name ?? ""))];
    const objects = new Map<string, KubeObject>();
    let isReadable = true;
    const keep = async (read: () => Promise<KubeObject[]>): Promise<void> => {
      try {
        for (const object of await read()) objects.set(object.metadata.name ?? "", object);
      } catch (error) {
        if (!(error instanceof KevError) || error.kind === "unreachable" || error.kind === "interrupted") throw error;
        if (error.kind === "usage") return;
        if (!(error instanceof ApiError) || error.httpStatus === 401) throw error;
        if (error.httpStatus === 404) return;
        // A type that the server cannot read, as when its conversion webhook is down, must not take the others along.
        isReadable = false;
        if (error.httpStatus === 403 || error.httpStatus === 405) refused.add(qualifiedName(type));
        tell(type, error);
      }
    };
    if (names.length < fewest) {
      for (const name of names) await keep(async () => [await readObject(patient, target, name)]);
    } else {
      await keep(() => readCollection(patient, target, undefined));
    }
    return members.map(({ index, reference }) => {
      const object = objects.get(reference.name ?? "");
      if (object && isSameObject(object, reference)) return [index, { owners: ownersOf(object), isGone: false }];
      return [index, object || isReadable ? gone : unseen];
    });
  };

  return async (references, signal) => {
    const sightings: Sighting[] = references.map(() => gone);
    const groups = new Map<string, Group>();
    for (const [index, reference] of references.entries()) {
      const type = await typeOf(reference);
      if (!type || (type.namespaced && !reference.namespace)) continue;
      if (!type.namespaced && !options.clusterScoped) {
        sightings[index] = unseen;
        continue;
      }
      const namespace = type.namespaced ? reference.namespace : undefined;
      const key = `${qualifiedName(type)} ${namespace ?? ""}`;
      const group = groups.get(key) ?? { type, namespace, members: [] };
      groups.set(key, group);
      group.members.push({ index, reference });
    }
    for await (const found of mapConcurrent(groups.values(), atOnce, (group) => look(group, signal))) {
      for (const [index, sighting] of found) sightings[index] = sighting;
    }
    return sightings;
  };
}

function ownersOf({ metadata: { namespace, ownerReferences = [] } }: KubeObject): ObjectReference[] {
  return ownerReferences.map(({ apiVersion, kind, name, uid }) => ({
    apiVersion,
    kind,
    name,
    uid,
    ...(namespace !== undefined && { namespace }),
  }));
}
