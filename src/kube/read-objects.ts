import type { KubeObject } from "../events/event.ts";
import { recordOf } from "../util/is-record.ts";
import { ApiError } from "./api-error.ts";
import { BadAnswerError } from "./bad-answer-error.ts";
import type { Connection } from "./connection.ts";
import { objectPath } from "./object-path.ts";
import { apiVersionOf, type ResourceType } from "./resource-type.ts";

/** `metadata` leaves out all but apiVersion, kind and metadata: the server sends no more. */
export type Extent = "metadata" | "whole";

/** What to read. */
export interface ReadTarget {
  type: ResourceType;
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  extent: Extent;
  /** For collections: as the API takes it; each type knows its own fields. */
  fieldSelector?: string | undefined;
  /** For collections: objects in one answer; default 500. */
  pageSize?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** kubectl's --chunk-size. */
const usualPageSize = 500;

/** One object, in the version of `type`. Needs get. */
export async function readObject(connection: Connection, target: ReadTarget, name: string): Promise<KubeObject> {
  const { type, namespace, extent, signal } = target;
  const path = objectPath(type, namespace, name);
  const accept = acceptOf(extent, "PartialObjectMetadata");
  const object = named(type, await connection.request<KubeObject>({ path, accept, signal }));
  const problem = objectProblem(object, target, name);
  if (problem !== undefined) throw badAnswer(path, problem);
  return object;
}

/** As {@link readObject}; undefined for one that is not there. */
export async function findObject(
  connection: Connection,
  target: ReadTarget,
  name: string,
): Promise<KubeObject | undefined> {
  try {
    return await readObject(connection, target, name);
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus === 404) return undefined;
    throw error;
  }
}

/** All objects of a type that the label selector selects, read in pages. Needs list. */
export function readCollection(
  connection: Connection,
  target: ReadTarget,
  labelSelector: string | undefined,
): Promise<KubeObject[]> {
  return mapCollection(connection, target, labelSelector, (object) => object);
}

/** As {@link readCollection}, but only what `map` makes of each object is kept when its page has been read. */
export async function mapCollection<T>(
  connection: Connection,
  target: ReadTarget,
  labelSelector: string | undefined,
  map: (object: KubeObject) => T,
): Promise<T[]> {
  const { type, namespace, extent, fieldSelector, signal } = target;
  const path = objectPath(type, namespace);
  const limit = String(target.pageSize ?? usualPageSize);
  const accept = acceptOf(extent, "PartialObjectMetadataList");
  let results: T[] = [];
  let page: { limit?: string; continue?: string } = { limit };
  for (;;) {
    const query = { labelSelector, fieldSelector, ...page };
    let list: ObjectList;
    try {
      list = await connection.request<ObjectList>({ path, query, accept, signal });
    } catch (error) {
      if (!isExpired(error) || page.continue === undefined) throw error;
      // The pages' snapshot has been compacted away; as client-go's pager does, begin again and take all at once.
      page = {};
      results = [];
      continue;
    }
    // Go writes an empty list of some types as null.
    const items: unknown = list.items === null ? [] : list.items;
    if (!Array.isArray(items)) throw badAnswer(path, "without a list");
    for (const item of items) {
      const object = named(type, recordOf(item));
      const problem = objectProblem(object, target);
      if (problem !== undefined) throw badAnswer(path, problem);
      results.push(map(object));
    }
    const next = list.metadata?.continue;
    if (!next) return results;
    page = { limit, continue: next };
  }
}

/**
 * True when a 404 says that the server does not serve the type, in this version or at all, and not that there is no such
 * object: its body is no Status ("404 page not found"), or one that names no object.
 */
export function isUnserved(error: unknown): boolean {
  if (!(error instanceof ApiError) || error.httpStatus !== 404) return false;
  const { message, details } = error.status ?? {};
  return !details?.name || message === "the server could not find the requested resource";
}

interface ObjectList {
  metadata?: { continue?: string };
  items?: unknown;
}

function acceptOf(extent: Extent, kind: string): string {
  // A server that cannot cut objects down may send them whole.
  return extent === "whole" ? "application/json" : `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}

// PartialObjectMetadata says only its own kind, and items of a list say none.
function named(type: ResourceType, answer: object): KubeObject {
  const { apiVersion: _apiVersion, kind: _kind, metadata, ...rest } = recordOf(answer);
  return { apiVersion: apiVersionOf(type), kind: type.kind, ...rest, metadata: recordOf(metadata) };
}

// An event must not be written about another object than the one that was asked for, whoever answered.
function objectProblem({ metadata }: KubeObject, { type, namespace }: ReadTarget, asked?: string): string | undefined {
  const { name, namespace: own } = metadata;
  if (typeof name !== "string" || name === "") return "with an object without metadata.name";
  if (asked !== undefined && name !== asked) return `with another object: ${JSON.stringify(name)}`;
  if (!type.namespaced) return undefined;
  if (typeof own !== "string" || own === "") return "with an object without metadata.namespace";
  return namespace === undefined || own === namespace
    ? undefined
    : `with an object in namespace ${JSON.stringify(own)}`;
}

function badAnswer(path: string, problem: string): BadAnswerError {
  return new BadAnswerError({ request: `GET ${path}`, httpStatus: 200, problem });
}

function isExpired(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 410;
}
