import { nearest } from "../util/nearest.ts";
import type { EntryCheck, TextCheck } from "./check-text.ts";
import type { ConfigProblem } from "./config.ts";
import { type ConfigEntry, type ConfigNode, describeNode, type Place } from "./config-node.ts";
import { isAbsent, readChoice, readDuration, readFlag, readSize, readText, readWhole } from "./read-scalar.ts";

/** Reads the members of one map of the file and collects what is wrong with them. */
export interface MapReader {
  has(key: string): boolean;
  /** The value as it stands. */
  node(key: string): ConfigNode | undefined;
  text(key: string, check: TextCheck): string | undefined;
  /** Milliseconds, at least `least`; default 0. */
  duration(key: string, least?: number): number | undefined;
  flag(key: string): boolean | undefined;
  /** A whole number, at least `least`. */
  whole(key: string, least: number): number | undefined;
  /** Bytes, at least 1. */
  size(key: string): number | undefined;
  choice<Choice extends string>(key: string, choices: readonly Choice[]): Choice | undefined;
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
    node: find,
    text: (key, check) => readText(find(key), key, check, report),
    duration: (key, least) => readDuration(find(key), key, report, least),
    flag: (key) => readFlag(find(key), key, report),
    whole: (key, least) => readWhole(find(key), key, least, report),
    size: (key) => readSize(find(key), key, report),
    choice: (key, choices) => readChoice(find(key), key, choices, report),
    texts: (key, check) => readTexts(find(key), key, check, report),
  };
}

/** What is said of a key that is none of those allowed in `what`. */
export function unknownKey(key: string, what: string, allowed: readonly string[]): string {
  const [near] = nearest(key, allowed, 1);
  const advice = near === undefined ? `allowed are ${allowed.join(", ")}` : `did you mean "${near}"?`;
  return `unknown key "${key}" in ${what}, ${advice}`;
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
