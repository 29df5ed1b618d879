import type { EventsCommandOptions } from "../commands/events.ts";
import type { KubeEvent } from "../events/event.ts";
import type { Context } from "./context.ts";
import { customColumns, customColumnsFile } from "./custom-columns.ts";
import { type EventRow, eventTable } from "./event-table.ts";
import { goJson } from "./go-json.ts";
import { type GrowingColumn, growingTable } from "./growing-table.ts";
import { outputFormats, parseOutputFormat, unknownFormat } from "./output-format.ts";
import { objectPrinter } from "./print-object.ts";
import { styleFor } from "./style.ts";

/** The text of some events; called for a list once, and for events that come one by one again and again. */
export type EventPrinter = (rows: readonly EventRow[]) => string;

/** All that `-o` of commands on events takes. */
const eventFormats = [...outputFormats, "custom-columns", "custom-columns-file", "jsonl", "wide"].sort();

/**
 * The printer that `-o` and its companions ask for; throws usage errors for wrong ones. Whole objects are printed as a
 * List, in a `stream` one after the other, as kubectl does; what was `found` is a List when it is more than one.
 */
export async function eventPrinter(
  options: Pick<EventsCommandOptions, "output" | "utc" | "headers" | "allNamespaces" | "color" | "showManagedFields">,
  { stdout, clock, env, cwd }: Context,
  form: "list" | "stream" | "found" = "list",
): Promise<EventPrinter> {
  const { output = "", showManagedFields = false, allNamespaces, utc } = options;
  const [, kind = output, argument = ""] = /^([^=]*)=(.*)$/s.exec(output) ?? [];
  const tableOptions = { noHeaders: options.headers === false };
  switch (kind) {
    case "":
    case "wide": {
      const { warning } = await styleFor(stdout, env, options.color);
      const now = (): Date => clock.now();
      const wide = kind === "wide";
      // Only a message may be cut; with -o wide the last column is the event's name.
      const width = wide ? undefined : stdout.columns;
      return eventTable({
        ...tableOptions,
        width,
        now,
        allNamespaces,
        wide,
        utc,
        follow: form === "stream",
        paint: warning,
      });
    }
    case "custom-columns":
      return columnsPrinter(customColumns(argument), tableOptions);
    case "custom-columns-file":
      return columnsPrinter(await customColumnsFile(argument, cwd), tableOptions);
    case "jsonl":
      return (rows) => rows.map(({ event }) => `${goJson(printable(event, showManagedFields))}\n`).join("");
  }
  const format = parseFormat(output, kind);
  const print = await objectPrinter(format, { showManagedFields, terminal: stdout.isTTY, cwd });
  if (form === "stream") return (rows) => rows.map(({ event }) => print(typed(event))).join("");
  if (form === "found") {
    return (rows) => {
      const events = rows.map(({ event }) => typed(event));
      return print(events.length === 1 && events[0] ? events[0] : listOf(events));
    };
  }
  return (rows) => print(listOf(rows.map(({ event }) => typed(event))));
}

function parseFormat(output: string, kind: string) {
  if (!outputFormats.some((format) => format === kind.toLowerCase())) throw unknownFormat(output, kind, eventFormats);
  const format = parseOutputFormat(output);
  if (format === undefined) throw unknownFormat(output, kind, eventFormats);
  return format;
}

function columnsPrinter(
  columns: readonly GrowingColumn<unknown>[],
  options: Parameters<typeof growingTable>[1],
): EventPrinter {
  const print = growingTable(columns, options);
  return (rows) => print(rows.map(({ event }) => typed(event)));
}

// Items of a list do not say what they are.
function typed(event: KubeEvent): KubeEvent {
  return { apiVersion: "v1", kind: "Event", ...event };
}

function printable(event: KubeEvent, showManagedFields: boolean): KubeEvent {
  const whole = typed(event);
  return showManagedFields ? whole : { ...whole, metadata: { ...whole.metadata, managedFields: undefined as never } };
}

// What `kubectl get -o json` wraps several objects in.
function listOf(items: readonly KubeEvent[]): object {
  return { apiVersion: "v1", items, kind: "List", metadata: { resourceVersion: "" } };
}
