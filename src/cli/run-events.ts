import type { EventsCommandOptions } from "../commands/events.ts";
import { compileFilters } from "../events/filter.ts";
import { anyEvent } from "../events/match.ts";
import type { Connection } from "../kube/connection.ts";
import { checkSubject, type EventSubject } from "../read/event-subjects.ts";
import type { FollowEventsOptions } from "../read/follow-events.ts";
import { type EventScope, type ListEventsOptions, listEvents } from "../read/list-events.ts";
import { usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { eventPrinter } from "./event-printer.ts";
import { checkTree, eventScope } from "./event-scope.ts";
import type { EventRow } from "./event-table.ts";
import { openConnection } from "./open-connection.ts";
import { parseTime } from "./parse-time.ts";
import { createRemarks } from "./remarks.ts";
import { bySortPath } from "./sort-events.ts";
import { watchEvents } from "./watch-events.ts";

/** Events in one answer: the more, the faster, but the whole of an answer is in memory at once. */
const usualPageSize = 2_500;

/** `kev events`: prints the events that are there. */
export async function runEvents(given: EventsCommandOptions, context: Context): Promise<number> {
  const { clock } = context;
  const options = { ...given, objects: objectsOf(given) };
  checkTree(options);
  // Everything that can be wrong with the flags is said before the server is asked.
  const filters = filtersOf(options, clock.now());
  compileFilters(filters, { types: "--types", reason: "--reason", component: "--component", grep: "--grep" });
  const order = bySortPath(options.sortBy ?? "");
  const pageSize = pageSizeOf(options.chunkSize);
  const print = await eventPrinter(options, context, options.watch);
  const connection = await openConnection(options, context);
  try {
    const { subjects, scope } = await eventScope(connection, options, filters, context);
    if (options.watch) {
      const view = { print, order, remarks: await createRemarks(context, options.color) };
      return await watchEvents(connection, { ...scope, signal: context.signal, pageSize, clock }, view, context);
    }
    const rows = await readRows(connection, { ...scope, pageSize });
    if (rows.length === 0) return await sayNone(connection, subjects, scope, context);
    context.stdout.write(print(order(rows)));
    return 0;
  } finally {
    connection.close();
  }
}

async function readRows(
  connection: Connection,
  { tree, matcher = anyEvent, ...scope }: ListEventsOptions & Pick<FollowEventsOptions, "tree">,
): Promise<EventRow[]> {
  if (!tree) return (await listEvents(connection, { ...scope, matcher })).map((event) => ({ event }));
  const rows = await tree.select(await listEvents(connection, scope), scope.signal);
  return rows.filter(({ event }) => matcher(event));
}

function objectsOf({ objects, for: target }: EventsCommandOptions): string[] {
  if (target === undefined) return objects;
  if (objects.length > 0) throw usageError("name the object by --for or as an argument, not both");
  // kubectl's text: k8s.io/kubectl/pkg/cmd/events/events.go.
  if (!target.includes("/")) throw usageError("--for must be in resource/name form");
  return [target];
}

function filtersOf(options: EventsCommandOptions, now: Date) {
  const { types, reason, component, grep, since, until } = options;
  return {
    types,
    reason,
    component,
    grep,
    since: since === undefined ? undefined : parseTime(since, now),
    until: until === undefined ? undefined : parseTime(until, now),
  };
}

function pageSizeOf(text: string | undefined): number {
  if (text === undefined) return usualPageSize;
  if (/^\d+$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "--chunk-size" flag: it is a number`);
}

/** A slip in a name must not pass for an object to which nothing happened. */
async function sayNone(
  connection: Connection,
  subjects: readonly EventSubject[] | undefined,
  { allNamespaces }: EventScope,
  { stderr, signal }: Context,
): Promise<number> {
  for (const subject of subjects ?? []) {
    if (!subject.type.namespaced || subject.reference.namespace) await checkSubject(connection, subject, signal);
  }
  // kubectl's texts.
  stderr.write(allNamespaces ? "No events found.\n" : `No events found in ${connection.namespace} namespace.\n`);
  return 0;
}
