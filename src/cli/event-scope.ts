import { compileFilters, type FilterTexts } from "../events/filter.ts";
import type { Connection } from "../kube/connection.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import { createTypeResolver } from "../kube/resolve-type.ts";
import { type EventSubject, eventSubjects } from "../read/event-subjects.ts";
import type { FollowEventsOptions } from "../read/follow-events.ts";
import { ownedBy } from "../read/owned-by.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import type { GlobalFlags } from "./global-flags.ts";
import { createRemarks } from "./remarks.ts";

/** What of a command line says which events it is about. */
export interface EventScopeOptions extends GlobalFlags {
  /** NAME, TYPE/NAME or TYPE NAME…; empty: whatever events are about. */
  objects: readonly string[];
  allNamespaces?: boolean;
  tree?: boolean;
}

export interface NamedScope {
  /** The objects named; undefined: none. */
  subjects: EventSubject[] | undefined;
  scope: Pick<FollowEventsOptions, "allNamespaces" | "matcher" | "fieldSelector" | "tree" | "signal">;
}

/** Throws a usage error for a tree of nothing, before anything is asked. */
export function checkTree({ objects, tree }: EventScopeOptions): void {
  if (tree && objects.length === 0) throw usageError("--tree needs an object, like deploy/ui-server");
}

/** The events that a command line asks for: about the objects it names, or about all below them, as filters say. */
export async function eventScope(
  connection: Connection,
  options: EventScopeOptions,
  filters: FilterTexts,
  context: Context,
): Promise<NamedScope> {
  const { objects, allNamespaces } = options;
  const { clock, env, homeDir, signal } = context;
  if (objects.length === 0)
    return { subjects: undefined, scope: { allNamespaces, ...compileFilters(filters), signal } };
  const cacheDir = cacheFolder(options.cacheDir, env, homeDir);
  const resolver = createTypeResolver(connection, { clock, cacheDir, signal });
  const subjects = await eventSubjects(resolver, objects, allNamespaces ? undefined : connection.namespace);
  const about = subjects.map(({ reference }) => reference);
  // Events of objects without a namespace live in `default`, or where their writer put them.
  const scope = { allNamespaces: allNamespaces || subjects.some(({ type }) => !type.namespaced), signal };
  if (!options.tree) return { subjects, scope: { ...scope, ...compileFilters({ ...filters, about }) } };
  const remarks = await createRemarks(context, options.color);
  const tree = ownedBy(connection, about, {
    resolver,
    onUnreadable: ({ message }) => remarks.note(`${message}; whose they are is told by names and events alone`),
  });
  // The server must leave nothing out: any event may tell whose an object was.
  return { subjects, scope: { ...scope, tree, matcher: compileFilters(filters).matcher } };
}
