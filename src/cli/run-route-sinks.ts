import type { RouteSinksCommandOptions } from "../commands/route-sinks.ts";
import { describeSink, type SinkDescription } from "../route/config/describe-sink.ts";
import type { SinkField } from "../route/config/sink-fields.ts";
import { findSinkType, sinkTypes } from "../sinks/registry.ts";
import { usageError } from "../util/errors.ts";
import { didYouMean, nearest } from "../util/nearest.ts";
import type { Context } from "./context.ts";
import { dataText } from "./data-text.ts";
import { type Column, table } from "./table.ts";

const typeColumns: readonly Column<SinkDescription>[] = [
  { head: "type", value: ({ type }) => type },
  { head: "package", value: ({ client }) => client },
  { head: "description", value: ({ summary }) => summary },
];

const fieldColumns: readonly Column<SinkField>[] = [
  { head: "field", value: ({ name }) => name },
  { head: "type", value: ({ type, template }) => (template ? `${type}, template` : type) },
  { head: "default", value: defaultCell, empty: "-" },
  { head: "description", value: ({ description }) => description, empty: "-" },
];

/** `kev route sinks`: asks no server. */
export async function runRouteSinks({ type, output }: RouteSinksCommandOptions, { stdout }: Context): Promise<number> {
  if (type === undefined) {
    const descriptions = sinkTypes.map(describeSink);
    const tableText = table(typeColumns, descriptions, { width: stdout.columns });
    stdout.write((await dataText(output, descriptions)) ?? tableText);
    return 0;
  }
  const found = findSinkType(type);
  if (!found) {
    const names = sinkTypes.map((one) => one.type);
    const hint = didYouMean(nearest(type, names)) ?? `there are ${names.join(", ")}`;
    throw usageError(`there is no sink of type "${type}"`, { hint });
  }
  const description = describeSink(found);
  stdout.write((await dataText(output, description)) ?? page(description));
  return 0;
}

function page(sink: SinkDescription): string {
  const client = sink.client === undefined ? "" : `needs the package ${sink.client}: npm install ${sink.client}\n`;
  const own = sink.fields.length === 0 ? "" : `\n${table(fieldColumns, sink.fields)}${longDefaults(sink.fields)}`;
  const example = sink.example.trimEnd().replaceAll(/^/gm, "    ");
  return (
    `${sink.type}: ${sink.summary}\n${sink.documentation}\n${client}${own}` +
    `\nAs every sink:\n${table(fieldColumns, sink.deliveryFields)}` +
    `\nsinks:\n  example:\n${example}\n`
  );
}

/** Characters; longer defaults stand below the table. */
const longestDefault = 20;

function defaultCell(field: SinkField): string | undefined {
  if (field.required) return "(required)";
  const text = defaultText(field.default);
  return text !== undefined && text.length > longestDefault ? "(below)" : text;
}

function longDefaults(fields: readonly SinkField[]): string {
  const long = fields.filter((field) => defaultCell(field) === "(below)");
  return long.map((field) => `\nThe default of ${field.name}:\n    ${defaultText(field.default)}\n`).join("");
}

function defaultText(value: unknown): string | undefined {
  return typeof value === "string" || value === undefined ? value : JSON.stringify(value);
}
