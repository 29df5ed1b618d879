import { ageOf, sinceText, timeText } from "../events/age.ts";
import { componentOf } from "../events/component-of.ts";
import type { KubeEvent } from "../events/event.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import { type GrowingColumn, growingTable } from "./growing-table.ts";
import type { TableOptions } from "./table.ts";

/** An event to be printed. */
export interface EventRow {
  event: KubeEvent;
  /** Occurrences since it was printed last. */
  added?: number | undefined;
  /** True when the object it is about is known not to be there any more. */
  isGone?: boolean | undefined;
}

export interface EventTableOptions extends TableOptions {
  /** Asked for each row: ages are those at the time of printing. */
  now: () => Date;
  /** A first column NAMESPACE. Default false. */
  allNamespaces?: boolean | undefined;
  /** The columns of `kubectl get events -o wide` instead of those of `kubectl events`. Default false. */
  wide?: boolean | undefined;
  /** Times in UTC instead of ages. Default false. */
  utc?: boolean | undefined;
  /** More rows will follow: columns begin as wide as most events need. Default false. */
  follow?: boolean | undefined;
  /** Marks the type and the reason of warnings. Default: not at all. */
  paint?: ((text: string) => string) | undefined;
}

type EventColumn = GrowingColumn<EventRow>;

/**
 * A table of events, for a list at once and for events as they come: each call gives the text of the rows it gets.
 *
 * Columns and cells are kubectl's, except that a message of several lines stays on its own line (kubectl events breaks
 * the table there, kubectl get cuts the message), and that an event without timestamps has the age of its object.
 * Source: k8s.io/kubectl/pkg/cmd/events/event_printer.go; k8s.io/kubernetes/pkg/printers/internalversion, printEvent.
 */
export function eventTable(options: EventTableOptions): (rows: readonly EventRow[]) => string {
  const { allNamespaces, follow, wide, paint } = options;
  const paintWarning: EventColumn["paint"] = paint && ((text, { event }) => (isWarning(event) ? paint(text) : text));
  const marked = paintWarning === undefined ? {} : { paint: paintWarning };
  const least = (width: number) => ({ leastWidth: follow ? width : undefined });
  const columns: EventColumn[] = [
    ...(allNamespaces ? [column("NAMESPACE", ({ metadata }) => metadata.namespace, least(15))] : []),
    { head: "LAST SEEN", value: (row) => lastSeen(row, options), ...least(options.utc ? 23 : 21) },
    column("TYPE", ({ type }) => type, { ...marked, ...least(10) }),
    column("REASON", ({ reason }) => reason, { ...marked, ...least(20) }),
    { head: "OBJECT", value: (row) => objectOf(row, wide), empty: "", ...least(35) },
    ...(wide ? wideColumns(options) : [message]),
  ];
  return growingTable(columns, options);
}

function column(
  head: string,
  value: (event: KubeEvent) => string | undefined,
  more: Partial<EventColumn> = {},
): EventColumn {
  return { head, value: ({ event }) => value(event), empty: "", ...more };
}

const message = column("MESSAGE", (event) => event.message?.trim());

function wideColumns({ now, utc }: EventTableOptions): EventColumn[] {
  const firstSeen = (event: KubeEvent): string => {
    const { first } = occurrencesOf(event);
    return utc ? timeText(first) : sinceText(first, now());
  };
  return [
    column("SUBOBJECT", ({ involvedObject }) => involvedObject.fieldPath),
    column("SOURCE", sourceOf),
    message,
    column("FIRST SEEN", firstSeen),
    column("COUNT", (event) => String(occurrencesOf(event).count)),
    column("NAME", ({ metadata }) => metadata.name),
  ];
}

/** With -o wide the count and the first time have columns of their own. */
function lastSeen({ event, added }: EventRow, { now, utc, wide }: EventTableOptions): string {
  if (!wide || added) return ageOf(event, now(), { utc, added });
  const { last } = occurrencesOf(event);
  return utc ? timeText(last) : sinceText(last, now());
}

function objectOf({ event, isGone }: EventRow, wide = false): string {
  const object = wide ? kubectlGetObject(event) : kubectlEventsObject(event);
  return isGone ? `${object} (gone)` : object;
}

function kubectlEventsObject({ involvedObject: { kind = "", name = "" } }: KubeEvent): string {
  return `${kind}/${name}`;
}

function kubectlGetObject({ involvedObject: { kind = "", name } }: KubeEvent): string {
  return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
}

function sourceOf(event: KubeEvent): string {
  const component = componentOf(event);
  const instance = event.source?.host || event.reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}

/** Whatever else others call a type, like `Error`, is no less than a warning. */
function isWarning({ type }: KubeEvent): boolean {
  return Boolean(type) && type?.toLowerCase() !== "normal";
}
