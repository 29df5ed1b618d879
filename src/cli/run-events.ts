import type { EventsCommandOptions } from "../commands/events.ts";
import { compileFilters } from "../events/filter.ts";
import { about, anyEvent } from "../events/match.ts";
import { ApiError } from "../kube/api-error.ts";
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
import { printError } from "./print-error.ts";
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
  const print = await eventPrinter(options, context, options.watch ? "stream" : "list");
  const connection = await openConnection(options, context);
  try {
    const { subjects, scope } = await eventScope(connection, options, filters, context);
    if (options.watch) {
      const remarks = await createRemarks(context, options.color);
      // Beside the reading, which waits for a server that is not there.
      missing(connection, subjects, [], context).then(
        (errors) => errors.map(({ message }) => remarks.note(message)),
        () => undefined,
      );
      const view = { print, order, remarks };
      return await watchEvents(connection, { ...scope, signal: context.signal, pageSize, clock }, view, context);
    }
    const rows = await readRows(connection, { ...scope, pageSize });
    // Below an object that is gone may be others that have events.
    const errors = scope.tree && rows.length > 0 ? [] : await missing(connection, subjects, rows, context);
    if (rows.length > 0) context.stdout.write(print(order(rows)));
    else if (errors[0]) throw errors[0];
    else sayNone(connection, scope, context);
    for (const error of errors) printError(error, context);
    return errors.length > 0 ? 1 : 0;
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

function objectsOf({ objects, for: target = [] }: EventsCommandOptions): string[] {
  if (target.length === 0) return objects;
  if (objects.length > 0) throw usageError("name the object by --for or as an argument, not both");
  // kubectl's text: k8s.io/kubectl/pkg/cmd/events/events.go.
  if (!target.every((name) => name.includes("/"))) throw usageError("--for must be in resource/name form");
  return target;
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
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "--chunk-size" flag: it is a number`);
}

/** A slip in a name must not pass for an object to which nothing happened: the errors about those that are not there. */
async function missing(
  connection: Connection,
  subjects: readonly EventSubject[] = [],
  rows: readonly EventRow[],
  { signal }: Context,
): Promise<ApiError[]> {
  const errors: ApiError[] = [];
  for (const subject of subjects) {
    const { type, reference } = subject;
    // With -A it may be in any namespace; and what has events was there.
    if (type.namespaced && !reference.namespace) continue;
    if (rows.some(({ event }) => about(reference)(event))) continue;
    try {
      await checkSubject(connection, subject, signal);
    } catch (error) {
      if (!(error instanceof ApiError) || error.httpStatus !== 404) throw error;
      errors.push(error);
    }
  }
  return errors;
}

// kubectl's texts.
function sayNone(connection: Connection, { allNamespaces }: EventScope, { stderr }: Context): void {
  stderr.write(allNamespaces ? "No events found.\n" : `No events found in ${connection.namespace} namespace.\n`);
}
