import { parseGoDuration } from "../util/duration.ts";
import { nearest } from "../util/nearest.ts";
import type { EntryCheck, TextCheck } from "./check-text.ts";
import type { ConfigProblem } from "./config.ts";
import { type ConfigEntry, type ConfigNode, describeNode, type Place } from "./config-node.ts";

/** Reads the members of one map of the file and collects what is wrong with them. */
export interface MapReader {
  has(key: string): boolean;
  text(key: string, check: TextCheck): string | undefined;
  /** Milliseconds, not negative. */
  duration(key: string): number | undefined;
  texts(key: string, check: EntryCheck): Record<string, string> | undefined;
}

/** Says what is wrong at a place. */
export type Report = (place: Place, message: string) => void;

export function reportTo(problems: ConfigProblem[]): Report {
  return ({ line, column }, message) => problems.push({ line, column, message });
}

/** The entries of a map; reports anything else, `what` naming it. An absent value (`presets:`) is an empty map. */
export function entriesOf(node: ConfigNode, what: string, report: Report): ConfigEntry[] {
  if (node.kind === "map") return node.entries;
  if (node.kind === "list" || (node.value ?? null) !== null)
    report(node, `${what} must be a map, not ${describeNode(node)}`);
  return [];
}

/** A reader of the map; keys other than `allowed` are reported, with the nearest one that is. */
export function readMap(node: ConfigNode, what: string, allowed: readonly string[], report: Report): MapReader {
  const entries = entriesOf(node, what, report);
  for (const entry of entries) {
    if (!allowed.includes(entry.key)) report(entry, unknownKey(entry.key, what, allowed));
  }
  const find = (key: string): ConfigNode | undefined => entries.find((entry) => entry.key === key)?.value;
  return {
    has: (key) => find(key) !== undefined,
    text: (key, check) => readText(find(key), key, check, report),
    duration: (key) => readDuration(find(key), key, report),
    texts: (key, check) => readTexts(find(key), key, check, report),
  };
}

function isAbsent(node: ConfigNode | undefined): node is undefined {
  return node === undefined || (node.kind === "scalar" && node.value === undefined);
}

function unknownKey(key: string, what: string, allowed: readonly string[]): string {
  const [near] = nearest(key, allowed, 1);
  const advice = near === undefined ? `allowed are ${allowed.join(", ")}` : `did you mean "${near}"?`;
  return `unknown key "${key}" in ${what}, ${advice}`;
}

function readText(node: ConfigNode | undefined, what: string, check: TextCheck, report: Report): string | undefined {
  if (isAbsent(node)) return undefined;
  if (node.kind !== "scalar" || typeof node.value !== "string") {
    const quote =
      node.kind === "scalar" && /^(number|boolean)$/.test(typeof node.value) ? `: write "${node.value}"` : "";
    report(node, `${what} must be a string, not ${describeNode(node)}${quote}`);
    return undefined;
  }
  const wrong = check(node.value);
  if (wrong === undefined) return node.value;
  report(node, `${what} ${wrong}`);
  return undefined;
}

function readDuration(node: ConfigNode | undefined, what: string, report: Report): number | undefined {
  if (isAbsent(node)) return undefined;
  const text = node.kind === "scalar" ? String(node.value) : "";
  const milliseconds = parseGoDuration(text);
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
  const given = node.kind === "scalar" && node.value !== null ? `"${text}"` : describeNode(node);
  report(node, `${what} must be a duration like "30s" or "2m", not ${given}`);
  return undefined;
}

function readTexts(
  node: ConfigNode | undefined,
  what: string,
  check: EntryCheck,
  report: Report,
): Record<string, string> | undefined {
  if (isAbsent(node)) return undefined;
  const found: [string, string][] = [];
  for (const entry of entriesOf(node, what, report)) {
    const value = readText(entry.value, `${what}: the value of "${entry.key}"`, () => undefined, report);
    if (value === undefined) continue;
    const wrong = check(entry.key, value);
    if (wrong === undefined) found.push([entry.key, value]);
    else report(entry, wrong);
  }
  // Not an assignment: a key may be called __proto__.
  return Object.fromEntries(found);
}
