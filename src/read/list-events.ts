import type { KubeEvent } from "../events/event.ts";
import type { EventMatcher } from "../events/match.ts";
import type { Connection } from "../kube/connection.ts";
import { readCollection } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";

/** Which events. */
export interface EventScope {
  /** Default: the connection's. */
  namespace?: string | undefined;
  allNamespaces?: boolean | undefined;
  /** Default: all. */
  matcher?: EventMatcher | undefined;
  /** What the server leaves out already; see {@link compileFilters}. */
  fieldSelector?: string | undefined;
}

export interface ListEventsOptions extends EventScope {
  /** Events in one answer of the server. */
  pageSize?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** core/v1 Events: the same objects as events.k8s.io's, with count and lastTimestamp. */
export const eventType = builtInType("", "events");

/**
 * The events that are there, in the server's order (by namespace and name). RBAC: list on events.
 *
 * @example const warnings = await listEvents(connection, { matcher: hasType("Warning") });
 * @throws ApiError, UnreachableError
 */
export async function listEvents(connection: Connection, options: ListEventsOptions = {}): Promise<KubeEvent[]> {
  const { allNamespaces, fieldSelector, matcher, pageSize, signal } = options;
  const namespace = allNamespaces ? undefined : options.namespace || connection.namespace;
  const target = { type: eventType, namespace, extent: "whole", fieldSelector, pageSize, signal } as const;
  const events = (await readCollection(connection, target, undefined)) as unknown as KubeEvent[];
  return matcher ? events.filter(matcher) : events;
}
