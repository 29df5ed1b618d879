import type { ConfigNode, Place } from "../../config/config-node.ts";
import { type MapReader, type Report, readMap } from "../../config/map-reader.ts";
import { isAbsent, isEmpty, readText } from "../../config/read-scalar.ts";
import { parseGoDuration } from "../../util/duration.ts";
import { readRule } from "./read-rule.ts";
import type { Repeats, RouteNode, Rule } from "./route-config.ts";

/** The name of a sink where a route says it. */
export interface SinkMention extends Place {
  readonly sink: string;
}

export interface Routes {
  readonly nodes: readonly RouteNode[];
  readonly mentions: readonly SinkMention[];
}

interface Reading {
  readonly report: Report;
  readonly mentions: SinkMention[];
  /** Name → line of the first route that has it. */
  readonly names: Map<string, number>;
}

const routeKeys = ["name", "match", "drop", "sinks", "repeats", "routes"];

/** The tree under `routes`; what is wrong is reported and left out. */
export function readRoutes(node: ConfigNode, report: Report): Routes {
  const reading: Reading = { report, mentions: [], names: new Map() };
  return { nodes: nodesOf(node, "routes", reading), mentions: reading.mentions };
}

function nodesOf(node: ConfigNode, path: string, reading: Reading): RouteNode[] {
  if (isAbsent(node)) return [];
  if (node.kind !== "list") {
    reading.report(node, `${path} must be a list of routes`);
    return [];
  }
  if (node.items.length === 0) reading.report(node, `${path} is empty`);
  return node.items.map((item, index) => nodeOf(item, `${path}[${index}]`, reading));
}

function nodeOf(node: ConfigNode, path: string, reading: Reading): RouteNode {
  const { report } = reading;
  const members = readMap(node, path, routeKeys, report);
  const name = nameOf(members, path, reading);
  const sinks = sinksOf(members.node("sinks"), reading);
  const drop = rulesOf(members.node("drop"), "drop", report);
  const repeats = repeatsOf(members, report);
  const routes = members.node("routes");
  if ((node.kind === "map" || isEmpty(node)) && !members.has("sinks") && !members.has("routes")) {
    report(node, `${path} leads nowhere: it has neither sinks nor routes`);
  }
  if (members.has("repeats") && !members.has("sinks")) {
    report(members.node("repeats") ?? node, `repeats are for the sinks of ${path}, which has none`);
  }
  return {
    ...{ name, match: rulesOf(members.node("match"), "match", report), drop, sinks, repeats },
    routes: routes ? nodesOf(routes, `${path}.routes`, reading) : [],
  };
}

function nameOf(members: MapReader, path: string, { report, names }: Reading): string {
  const node = members.node("name");
  const name = members.text("name", checkName);
  if (name === undefined || node === undefined) return path;
  const first = names.get(name);
  if (first === undefined) names.set(name, node.line);
  else report(node, `the name "${name}" is taken by the route on line ${first}`);
  return name;
}

/** For names of routes and sinks, which stand in metrics and keys. Undefined when nothing is wrong. */
export function checkName(text: string): string | undefined {
  if (/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text)) return undefined;
  return `"${text}" must be at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends`;
}

function rulesOf(node: ConfigNode | undefined, what: "match" | "drop", report: Report): Rule[] {
  if (isAbsent(node)) return [];
  const places = node.kind === "list" ? node.items : [node];
  if (places.length === 0) report(node, `${what} is an empty list`);
  return places.map((place) => {
    const rule = readRule(place, what, report);
    if (what === "drop" && (isEmpty(place) || isAbsent(place)))
      report(place, "a rule without conditions would drop everything");
    return rule;
  });
}

function sinksOf(node: ConfigNode | undefined, { report, mentions }: Reading): string[] {
  if (isAbsent(node)) return [];
  const items = node.kind === "list" ? node.items : [node];
  if (items.length === 0) report(node, "sinks is empty");
  const names = new Set<string>();
  for (const item of items) {
    const sink = readText(item, "the name of a sink", () => undefined, report);
    if (sink === undefined) continue;
    if (names.has(sink)) report(item, `sink "${sink}" is named twice`);
    names.add(sink);
    mentions.push({ sink, line: item.line, column: item.column });
  }
  return [...names];
}

function repeatsOf(members: MapReader, report: Report): Repeats {
  const node = members.node("repeats");
  const text = members.text("repeats", () => undefined);
  if (text === undefined || node === undefined) return "all";
  if (text === "all" || text === "first") return text;
  const [, duration = ""] = /^every +(\S+)$/.exec(text) ?? [];
  const every = parseGoDuration(duration);
  if (every !== undefined && every > 0) return { every };
  report(node, `repeats must be "all", "first" or "every" and a duration, like "every 10m", not "${text}"`);
  return "all";
}
