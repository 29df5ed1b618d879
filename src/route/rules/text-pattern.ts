import { type ConfigNode, describeNode } from "../../config/config-node.ts";
import { type Report, readMap } from "../../config/map-reader.ts";
import { isAbsent, quoted } from "../../config/read-scalar.ts";
import { compileRegex } from "../../util/compile-regex.ts";

/** What a condition wants of a text. */
export interface TextPattern {
  /** As the file says it: `Pod`, `one of BackOff, /Failed.*\/`, `not kube-system`. */
  readonly wanted: string;
  /** @param text undefined where there is none: a label that the object does not have */
  matches(text: string | undefined): boolean;
}

/**
 * A text (all of it, case matters), `/regex/`, a list of such (one of them), `{ not: … }` of those, or `{ exists: … }`.
 * What is not there is matched by `not` and by `exists: false`. Undefined for what is wrong, which is reported.
 */
export function readTextPattern(node: ConfigNode, what: string, report: Report): TextPattern | undefined {
  if (isAbsent(node)) return undefined;
  if (node.kind === "map") return readNegation(node, what, report, readTextPattern);
  if (node.kind === "list") return readOneOf(node.items, node, what, report);
  if (typeof node.value !== "string") {
    report(node, `${what} must be a string or a list of them, not ${describeNode(node)}${quoted(node)}`);
    return undefined;
  }
  return textPattern(node.value, node, what, report);
}

/**
 * `{ not: PATTERN }` or `{ exists: true|false }`, for texts and for what is made of them.
 *
 * @param read reads what `not` negates
 */
export function readNegation<Pattern extends Negatable<never>>(
  node: ConfigNode,
  what: string,
  report: Report,
  read: (node: ConfigNode, what: string, report: Report) => Pattern | undefined,
): Negatable<Parameters<Pattern["matches"]>[0]> | undefined {
  const members = readMap(node, what, ["not", "exists"], report);
  const negated = members.node("not");
  const exists = members.flag("exists");
  if (members.has("not") === members.has("exists")) {
    if (members.has("not")) report(node, `${what} can have "not" or "exists", not both`);
    else if (node.kind === "map" && node.entries.length === 0) report(node, `${what} is empty`);
    return undefined;
  }
  if (exists !== undefined) {
    return { wanted: exists ? "any" : "none", matches: (value) => (value !== undefined) === exists };
  }
  if (negated === undefined) return undefined;
  if (negated.kind === "map" && negated.entries.some(({ key }) => key === "not" || key === "exists")) {
    report(negated, `${what} can be negated once`);
    return undefined;
  }
  const pattern = read(negated, what, report);
  return pattern && { wanted: `not ${pattern.wanted}`, matches: (value) => !pattern.matches(value as never) };
}

export interface Negatable<Value> {
  readonly wanted: string;
  matches(value: Value): boolean;
}

function readOneOf(
  items: readonly ConfigNode[],
  list: ConfigNode,
  what: string,
  report: Report,
): TextPattern | undefined {
  if (items.length === 0) report(list, `${what} is an empty list, which nothing is one of`);
  const patterns = items.flatMap((item) => {
    if (isAbsent(item)) return [];
    if (item.kind === "scalar" && typeof item.value === "string") {
      return textPattern(item.value, item, what, report) ?? [];
    }
    report(item, `each of ${what} must be a string, not ${describeNode(item)}${quoted(item)}`);
    return [];
  });
  const [only] = patterns;
  if (only === undefined) return undefined;
  if (patterns.length === 1) return only;
  return {
    wanted: `one of ${patterns.map(({ wanted }) => wanted).join(", ")}`,
    matches: (text) => patterns.some((pattern) => pattern.matches(text)),
  };
}

function textPattern(source: string, node: ConfigNode, what: string, report: Report): TextPattern | undefined {
  const [, expression, flags] = /^\/(.+)\/([dgimsuvy]+)$/s.exec(source) ?? [];
  if (flags !== undefined) {
    // As a text it would match nothing, without a word.
    const advice = flags === "i" ? `write /(?i)${expression}/` : "flags stand in front: (?i) for any case";
    report(node, `${what}: ${source} is a regular expression with flags behind it; ${advice}`);
    return undefined;
  }
  if (source.length < 2 || !source.startsWith("/") || !source.endsWith("/")) {
    return { wanted: source === "" ? '""' : source, matches: (text) => text === source };
  }
  const compiled = compileRegex(source.slice(1, -1));
  if ("problem" in compiled) {
    report(node, `${what}: ${source} is not a regular expression of RE2: ${compiled.problem}`);
    return undefined;
  }
  return { wanted: source, matches: (text) => text !== undefined && compiled.regex.testExact(text) };
}
