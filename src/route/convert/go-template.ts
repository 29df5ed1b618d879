/** A Go template as a Liquid template, or what of it cannot be said in one. */
export type ConvertedTemplate =
  | { readonly text: string; readonly needsObject: boolean }
  | { readonly untranslated: string };

/** What kubernetes-event-exporter's templates know, and what it is in a delivery. */
const fields: Readonly<Record<string, string>> = {
  "": "event",
  ".Message": "event.message",
  ".Reason": "event.reason",
  ".Type": "event.type",
  // As text: alone in a leaf of a body it would be a number.
  ".Count": 'count | append: ""',
  ".Action": "event.action",
  ".Name": "event.metadata.name",
  ".Namespace": "event.metadata.namespace",
  ".UID": "event.metadata.uid",
  ".ResourceVersion": "event.metadata.resourceVersion",
  ".CreationTimestamp": "event.metadata.creationTimestamp",
  ".Labels": "event.metadata.labels",
  ".Annotations": "event.metadata.annotations",
  ".FirstTimestamp": "event.firstTimestamp",
  ".LastTimestamp": "event.lastTimestamp",
  ".EventTime": "event.eventTime",
  ".ReportingController": "event.reportingComponent",
  ".ReportingInstance": "event.reportingInstance",
  ".Source.Component": "event.source.component",
  ".Source.Host": "event.source.host",
  ".ClusterName": "cluster.name",
  ".InvolvedObject.Kind": "event.involvedObject.kind",
  ".InvolvedObject.Name": "event.involvedObject.name",
  ".InvolvedObject.Namespace": "event.involvedObject.namespace",
  ".InvolvedObject.UID": "event.involvedObject.uid",
  ".InvolvedObject.APIVersion": "event.involvedObject.apiVersion",
  ".InvolvedObject.ResourceVersion": "event.involvedObject.resourceVersion",
  ".InvolvedObject.FieldPath": "event.involvedObject.fieldPath",
  ".InvolvedObject.Labels": "object.labels",
  ".InvolvedObject.Annotations": "object.annotations",
  ".InvolvedObject.OwnerReferences": "object.owners",
  ".GetTimestampMs": 'event.firstTimestamp | default: event.eventTime | date: "%s%L"',
  ".GetTimestampISO8601": 'event.firstTimestamp | default: event.eventTime | date: "%Y-%m-%dT%H:%M:%S.%LZ"',
};
const maps = [".InvolvedObject.Labels", ".InvolvedObject.Annotations", ".Labels", ".Annotations"];

/** Functions with the value as their last argument, as Liquid's filters. */
const filters: Readonly<Record<string, (args: readonly string[]) => string | undefined>> = {
  toJson: (args) => (args.length === 0 ? "json" : undefined),
  toPrettyJson: (args) => (args.length === 0 ? "json: 2" : undefined),
  quote: (args) => (args.length === 0 ? "json" : undefined),
  upper: (args) => (args.length === 0 ? "upcase" : undefined),
  lower: (args) => (args.length === 0 ? "downcase" : undefined),
  trim: (args) => (args.length === 0 ? "strip" : undefined),
  default: ([fallback, ...more]) => (fallback !== undefined && more.length === 0 ? `default: ${fallback}` : undefined),
  trunc: ([length = "", ...more]) => (/^\d+$/.test(length) && more.length === 0 ? `slice: 0, ${length}` : undefined),
  replace: ([from, to, ...more]) => {
    return from !== undefined && to !== undefined && more.length === 0 ? `replace: ${from}, ${to}` : undefined;
  },
};

/** Fields, pipelines and the usual functions are translated; conditions, loops and variables are not. */
export function convertTemplate(source: string): ConvertedTemplate {
  let text = "";
  for (const [part, action] of partsOf(source)) {
    if (action === undefined) {
      if (part.includes("{%")) return { untranslated: "{%" };
      text += part;
      continue;
    }
    const [, open = "", inner = "", close = ""] = /^\{\{(-?)([\s\S]*?)(-?)\}\}$/.exec(part) ?? [];
    if (/^\/\*[\s\S]*\*\/$/.test(inner.trim())) continue;
    const expression = convertPipeline(inner.trim());
    if (expression === undefined) return { untranslated: part };
    text += `{{${open} ${expression} ${close}}}`;
  }
  return { text, needsObject: /\{\{-? object\./.test(text) };
}

/** Texts, and actions between them, which come twice. */
function* partsOf(source: string): Generator<[part: string, action?: string]> {
  for (const part of source.split(/(\{\{[\s\S]*?\}\})/)) {
    if (part.startsWith("{{")) yield [part, part];
    else if (part !== "") yield [part];
  }
}

function convertPipeline(pipeline: string): string | undefined {
  const [first, ...rest] = splitOutsideQuotes(pipeline, "|").map((command) => wordsOf(command));
  if (first === undefined || first.length === 0) return undefined;
  let expression = convertCommand(first);
  for (const [name = "", ...args] of rest) {
    const filter = Object.hasOwn(filters, name) ? filters[name]?.(args.map(convertArgument)) : undefined;
    if (expression === undefined || filter === undefined) return undefined;
    expression = `${expression} | ${filter}`;
  }
  return expression;
}

function convertCommand(words: readonly string[]): string | undefined {
  const [name = "", ...args] = words;
  if (args.length === 0) return convertOperand(name);
  if (name === "index" && args.length === 2) return convertIndex(args[0] ?? "", args[1] ?? "");
  const value = convertOperand(args.at(-1) ?? "");
  const filter = Object.hasOwn(filters, name) ? filters[name]?.(args.slice(0, -1).map(convertArgument)) : undefined;
  return value === undefined || filter === undefined ? undefined : `${value} | ${filter}`;
}

function convertOperand(word: string): string | undefined {
  if (isText(word)) return textOf(word);
  if (word === ".") return fields[""];
  const known = Object.hasOwn(fields, word) ? fields[word] : undefined;
  if (known !== undefined) return known;
  const map = maps.find((name) => word.startsWith(`${name}.`));
  const key = map === undefined ? "" : word.slice(map.length + 1);
  return map !== undefined && /^\w+$/.test(key) ? `${fields[map]}.${key}` : undefined;
}

function convertIndex(map: string, key: string): string | undefined {
  return maps.includes(map) && isText(key) ? `${fields[map]}[${textOf(key)}]` : undefined;
}

/** As an argument of a filter, which takes texts, numbers and fields without filters of their own. */
function convertArgument(word: string): string {
  if (/^\d+$/.test(word)) return word;
  const operand = convertOperand(word);
  return operand === undefined || operand.includes(" | ") ? "" : operand;
}

function isText(word: string): boolean {
  return /^"[^"\\]*"$|^`[^`]*`$/s.test(word);
}

/** In Liquid's quotes, of which there are two kinds and no escapes. */
function textOf(word: string): string | undefined {
  const text = word.slice(1, -1);
  if (!text.includes('"')) return `"${text}"`;
  return text.includes("'") ? undefined : `'${text}'`;
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts = [""];
  let quote = "";
  for (const character of text) {
    if (quote === "" && character === separator) {
      parts.push("");
      continue;
    }
    if (character === quote) quote = "";
    else if (quote === "" && (character === '"' || character === "`")) quote = character;
    parts.push((parts.pop() ?? "") + character);
  }
  return parts;
}

function wordsOf(command: string): string[] {
  return command.match(/"[^"]*"|`[^`]*`|[^\s"`]+/g) ?? [];
}
