import type { Repeats } from "../route/config/route-config.ts";
import type { NodeExplanation, RuleExplanation } from "../route/rules/explain-routes.ts";
import type { TriedDelivery, TriedSink } from "../route/rules/try-routes.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";

/** Where an event would go, and why, for a person to read. Ends in an empty line. */
export function triedText({ delivery, routes, objectMissing, sinks }: TriedDelivery): string {
  const { event, count } = delivery;
  const { metadata, involvedObject } = event;
  const lines = [
    `event ${metadata.namespace ?? ""}/${metadata.name ?? ""}: ${event.type ?? ""} ${event.reason ?? ""} of ` +
      `${involvedObject.kind ?? ""}/${involvedObject.name ?? ""}, count ${count}`,
    ...routes.flatMap((node) => nodeLines(node, "  ")),
    ...(objectMissing
      ? ["  the object is not known: what routes ask of it counts as not there; give it with --object"]
      : []),
    ...(sinks.length === 0 ? ["  goes nowhere"] : []),
  ];
  const text = lines.map((line) => `${escapeTerminal(line)}\n`).join("");
  return `${text}${sinks.map(sinkText).join("")}\n`;
}

function nodeLines({ route, entered, match, drop, sinks, repeats, routes }: NodeExplanation, indent: string): string[] {
  const to = entered && sinks.length > 0 ? ` → ${sinks.join(", ")}${repeatsText(repeats)}` : "";
  return [
    `${indent}${entered ? "enters" : "does not enter"} ${route}${to}`,
    ...match.flatMap((rule, index) => ruleLines(rule, numbered("match", index, match.length), `${indent}  `)),
    ...drop.flatMap((rule, index) => ruleLines(rule, numbered("drop", index, drop.length), `${indent}  `)),
    ...routes.flatMap((inner) => nodeLines(inner, `${indent}  `)),
  ];
}

function numbered(what: string, index: number, count: number): string {
  return count === 1 ? what : `${what} ${index + 1}`;
}

function ruleLines({ holds, conditions }: RuleExplanation, name: string, indent: string): string[] {
  return [
    `${indent}${name}: ${holds ? "yes" : "no"}`,
    ...conditions.map(({ field, wanted, found, holds: isSo }) => {
      return `${indent}  ${isSo ? "yes" : "no "} ${field}: wanted ${wanted}, found ${found}`;
    }),
  ];
}

function repeatsText(repeats: Repeats): string {
  if (repeats === "all") return "";
  return repeats === "first" ? ", repeats first" : `, repeats every ${durationText(repeats.every)}`;
}

/** As Go writes it, but for units that count nothing. */
function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1_000;
  const parts = [
    [Math.floor(seconds / 3_600), "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [Math.round((seconds % 60) * 1_000) / 1_000, "s"],
  ] as const;
  return parts.flatMap(([amount, unit]) => (amount === 0 ? [] : `${amount}${unit}`)).join("");
}

function sinkText({ sink, type, route, payload, problem }: TriedSink): string {
  const content = problem === undefined ? (payload ?? "") : `cannot be made: ${problem}\n`;
  const head = escapeTerminal(`  ${sink} (${type}) gets by ${route}:`);
  const text = escapeTerminal(content.trimEnd(), { keepNewlines: true });
  return `${head}\n${text.replaceAll(/^(?=.)/gm, "    ")}\n`;
}
