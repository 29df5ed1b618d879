import { isRecord } from "../../util/is-record.ts";
import { BadAnswerError } from "../bad-answer-error.ts";
import type { Connection } from "../connection.ts";
import { unreachable } from "../connection-failure.ts";
import type { WatchedObject } from "./list-watch-step.ts";

/** What is listed and watched. */
export interface Selection {
  /** The collection's path on the server, without query. */
  path: string;
  fieldSelector?: string | undefined;
  labelSelector?: string | undefined;
}

export interface ListPage<T> {
  items: T[];
  /** The snapshot's, the same for all of its pages. */
  resourceVersion: string;
  /** Names the next page; undefined: this is the last one. */
  next: string | undefined;
}

export interface PageRequest {
  /** 0: all in one page. */
  pageSize: number;
  /** The page; undefined: the first one. */
  token: string | undefined;
  /** Milliseconds until it must be whole. */
  timeout: number;
  signal: AbortSignal;
}

/**
 * One page of a list. The first one asks for no resourceVersion: the server then answers from one consistent and newest
 * snapshot. Needs list.
 *
 * @throws ApiError, UnreachableError, BadAnswerError, or the signal's reason
 */
export async function listPage<T extends WatchedObject>(
  connection: Connection,
  { path, fieldSelector, labelSelector }: Selection,
  { pageSize, token, timeout, signal }: PageRequest,
): Promise<ListPage<T>> {
  const limit = pageSize > 0 ? String(pageSize) : undefined;
  const query = { fieldSelector, labelSelector, limit, continue: token };
  // A silent connection would be waited for without end.
  const ended = new AbortController();
  const timer = setTimeout(
    () => ended.abort(unreachable("timeout", `no whole list within ${timeout / 1_000}s`)),
    timeout,
  );
  const onAbort = (): void => ended.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return pageOf<T>(await connection.request<unknown>({ path, query, signal: ended.signal }), path);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function pageOf<T extends WatchedObject>(list: unknown, path: string): ListPage<T> {
  const bad = (problem: string) => new BadAnswerError({ request: `GET ${path}`, httpStatus: 200, problem });
  if (!isRecord(list) || !isRecord(list.metadata)) throw bad("without a list");
  // Go writes an empty list of some types as null.
  const items: unknown = list.items ?? [];
  if (!Array.isArray(items)) throw bad("without a list");
  if (!items.every(isObject)) throw bad("with items that are no objects");
  const { resourceVersion, continue: next } = list.metadata;
  if (typeof resourceVersion !== "string" || resourceVersion === "") throw bad("with a list without resourceVersion");
  return {
    items: items.map((item) => named(item, list) as T),
    resourceVersion,
    next: typeof next === "string" && next !== "" ? next : undefined,
  };
}

/** True for what has a name and a resourceVersion. */
export function isObject(value: unknown): value is WatchedObject {
  if (!isRecord(value) || !isRecord(value.metadata)) return false;
  const { name, resourceVersion } = value.metadata;
  return typeof name === "string" && typeof resourceVersion === "string" && resourceVersion !== "";
}

// Items do not say what they are; the list does. Those of a `List` say it themselves.
function named(item: WatchedObject, { apiVersion, kind }: Record<string, unknown>): WatchedObject {
  const itemKind = typeof kind === "string" ? kind.replace(/List$/, "") : "";
  if (typeof apiVersion !== "string" || itemKind === "") return item;
  return { apiVersion, kind: itemKind, ...item };
}
