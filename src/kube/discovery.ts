import { mapConcurrent } from "../util/map-concurrent.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import type { ResourceType } from "./resource-type.ts";

/** What a server serves. */
export interface Discovery {
  /** In order of preference: core first, then the server's order of groups, of each the preferred version first. */
  types: ResourceType[];
  /** Group versions whose types the server could not list, most often those of an aggregated API that is down. */
  failed: string[];
}

// client-go v0.36.1, discovery/discovery_client.go. Servers since 1.26 answer with everything, older ones with names.
const accept = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json",
].join(",");

/** Requests under way at once on servers that list each group version by itself. */
const concurrency = 8;

/**
 * Asks the server for all its types: two requests (`/api`, `/apis`), on servers before 1.26 one more per group version.
 * Needs what the ClusterRole `system:discovery` grants, which every authenticated user has by default.
 *
 * A group version that the server fails to list is left out and named in `failed`. A failure of the two requests, a
 * refused login, a lost connection and an abort are thrown.
 */
export async function fetchDiscovery(connection: Connection, signal?: AbortSignal): Promise<Discovery> {
  const [core, groups] = await Promise.all([
    // An aggregated API server that is spoken to directly has no core group.
    connection.request<GroupsDocument>({ path: "/api", accept, signal }).catch(absentToEmpty),
    connection.request<GroupsDocument>({ path: "/apis", accept, signal }),
  ]);
  const parts = [...partsOf(core), ...partsOf(groups)];
  const discovery: Discovery = { types: [], failed: [] };
  for await (const { groupVersion, types } of mapConcurrent(parts, concurrency, (part) =>
    part.types === undefined ? listTypes(connection, part.groupVersion, signal) : Promise.resolve(part),
  )) {
    if (types) discovery.types.push(...types);
    else discovery.failed.push(groupVersion);
  }
  return discovery;
}

/** One group version. `types` is undefined while they have yet to be asked for, null when the server cannot list them. */
interface Part {
  groupVersion: string;
  types?: ResourceType[] | null;
}

/** What a server may answer on /api and /apis; which members there are depends on its age. */
interface GroupsDocument {
  /** `APIGroupDiscoveryList` has `items`, `APIVersions` has `versions`, `APIGroupList` has `groups`. */
  kind?: string;
  items?: { metadata?: { name?: string }; versions?: AggregatedVersion[] }[] | null;
  versions?: string[] | null;
  groups?: GroupDocument[] | null;
}

interface GroupDocument {
  versions?: { groupVersion: string }[];
  preferredVersion?: { groupVersion: string };
}

interface AggregatedVersion {
  version: string;
  /** `Stale`: the server no longer reaches the API behind it; client-go, too, takes it as failed. */
  freshness?: string;
  resources?: {
    resource: string;
    /** Absent where the resource is only there for its subresources. */
    responseKind?: { kind?: string };
    scope?: string;
    singularResource?: string;
    shortNames?: string[];
    categories?: string[];
  }[];
}

interface ResourceListDocument {
  resources?: {
    name: string;
    kind: string;
    singularName?: string;
    namespaced?: boolean;
    shortNames?: string[];
    categories?: string[];
  }[];
}

function absentToEmpty(error: unknown): GroupsDocument {
  if (error instanceof ApiError && error.httpStatus === 404) return {};
  throw error;
}

// The form is told by the document and not by the Content-Type, which proxies rewrite.
function partsOf(document: GroupsDocument): Part[] {
  if (document.kind === "APIGroupDiscoveryList") {
    return (document.items ?? []).flatMap(({ metadata, versions = [] }) =>
      versions.map((version) => aggregatedPart(metadata?.name ?? "", version)),
    );
  }
  const groupVersions = [...(document.versions ?? []), ...(document.groups ?? []).flatMap(versionsOf)];
  return groupVersions.map((groupVersion) => ({ groupVersion }));
}

function versionsOf({ versions = [], preferredVersion }: GroupDocument): string[] {
  const all = versions.map(({ groupVersion }) => groupVersion);
  const isPreferred = (groupVersion: string): boolean => groupVersion === preferredVersion?.groupVersion;
  return [...all.filter(isPreferred), ...all.filter((groupVersion) => !isPreferred(groupVersion))];
}

function aggregatedPart(group: string, { version, freshness, resources = [] }: AggregatedVersion): Part {
  const groupVersion = group === "" ? version : `${group}/${version}`;
  if (freshness === "Stale") return { groupVersion, types: null };
  const types = resources.flatMap(({ resource, responseKind, scope, singularResource, ...names }) =>
    typeOf(groupVersion, responseKind?.kind, resource, singularResource, scope === "Namespaced", names),
  );
  return { groupVersion, types };
}

async function listTypes(connection: Connection, groupVersion: string, signal?: AbortSignal): Promise<Part> {
  const root = groupVersion.includes("/") ? "apis" : "api";
  const path = `/${[root, ...groupVersion.split("/")].map(encodeURIComponent).join("/")}`;
  try {
    const { resources = [] } = await connection.request<ResourceListDocument>({ path, signal });
    const types = resources.flatMap(({ name, kind, singularName, namespaced, ...names }) =>
      // A slash is a subresource's.
      name.includes("/") ? [] : typeOf(groupVersion, kind, name, singularName, namespaced === true, names),
    );
    return { groupVersion, types };
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus !== 401) return { groupVersion, types: null };
    throw error;
  }
}

function typeOf(
  groupVersion: string,
  kind: string | undefined,
  plural: string,
  singular: string | undefined,
  namespaced: boolean,
  { shortNames = [], categories }: { shortNames?: string[]; categories?: string[] },
): ResourceType[] {
  if (!kind) return [];
  const slash = groupVersion.indexOf("/");
  const type = {
    group: groupVersion.slice(0, Math.max(slash, 0)),
    version: groupVersion.slice(slash + 1),
    kind,
    plural,
    // Old servers leave the singular out; client-go takes the kind's, too.
    singular: singular || kind.toLowerCase(),
    shortNames,
    namespaced,
  };
  return [categories ? { ...type, categories } : type];
}
