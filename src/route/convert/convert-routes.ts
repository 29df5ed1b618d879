import { isRecord, recordOf } from "../../util/is-record.ts";
import { type ConvertedRule, convertRule, type RuleConversion } from "./convert-rules.ts";

/** A route as a routing file has it. */
export interface ConvertedRoute {
  match?: ConvertedRule;
  drop?: ConvertedRule[];
  sinks?: string[];
  repeats?: "first";
  routes?: ConvertedRoute[];
}

export interface RouteConversion extends RuleConversion {
  /** Receiver → sink; undefined for a receiver that is not there. */
  readonly sinkOf: (receiver: string) => string | undefined;
}

interface MatchRule {
  readonly rule: ConvertedRule;
  readonly sink: string | undefined;
}

/**
 * A route of kubernetes-event-exporter. There each rule of `match` sends to a receiver of its own, whatever the others say,
 * and the routes below are for what all of them hold for; so one route may become several.
 */
export function convertRoute(source: unknown, where: string, conversion: RouteConversion): ConvertedRoute[] {
  const { remark } = conversion;
  const { match, drop, routes, ...unknown } = recordOf(source);
  for (const key of Object.keys(unknown)) {
    remark(`${where}.${key}`, "is left out: kubernetes-event-exporter does not know it");
  }
  const drops = convertDrops(listOf(drop), `${where}.drop`, conversion);
  if (drops === "everything") return [];
  const places = listOf(match).map((rule, index) => convertMatch(rule, `${where}.match[${index}]`, conversion));
  const rules = places.filter((rule) => rule !== "never");
  const inner = listOf(routes).flatMap((route, index) => convertRoute(route, `${where}.routes[${index}]`, conversion));
  if (inner.length > 0 && rules.length < places.length) {
    remark(`${where}.routes`, "is left out: a rule of match never holds, and all of them would have to");
  }
  const below = rules.length < places.length ? [] : inner;
  const converted = arrange(rules, drops, below);
  if (converted.length === 0 && where !== "route") remark(where, "is left out: it sends nothing");
  return converted;
}

function arrange(rules: readonly MatchRule[], drop: ConvertedRule[], below: ConvertedRoute[]): ConvertedRoute[] {
  const bySame = new Map<string, { rule: ConvertedRule; sinks: string[] }>();
  for (const { rule, sink } of rules) {
    const same = bySame.get(JSON.stringify(rule)) ?? { rule, sinks: [] };
    bySame.set(JSON.stringify(rule), same);
    if (sink !== undefined && !same.sinks.includes(sink)) same.sinks.push(sink);
  }
  const groups = [...bySame.values()];
  const [first] = groups;
  if (groups.length <= 1) return nodeOf({ rule: first?.rule ?? {}, drop, sinks: first?.sinks ?? [], routes: below });
  const senders = groups.flatMap(({ rule, sinks }) => nodeOf({ rule, drop: [], sinks, routes: [] }));
  const nodes = [
    ...senders,
    ...gated(
      groups.map(({ rule }) => rule),
      below,
    ),
  ];
  if (drop.length === 0 || nodes.length === 0) return nodes;
  return nodeOf({ rule: {}, drop, sinks: [], routes: nodes });
}

/** Routes for what all of the rules hold for. */
function gated(rules: readonly ConvertedRule[], routes: ConvertedRoute[]): ConvertedRoute[] {
  return rules.reduceRight<ConvertedRoute[]>((inner, rule) => {
    const [only, ...more] = inner;
    const isEmpty = Object.keys(rule).length === 0;
    if (isEmpty || only === undefined) return inner;
    // Two rules that speak of different things are one.
    const isGate = only !== routes[0] && more.length === 0 && only.match !== undefined;
    if (isGate && Object.keys(rule).every((key) => !Object.hasOwn(only.match ?? {}, key))) {
      return [{ ...only, match: { ...rule, ...only.match } }];
    }
    return nodeOf({ rule, drop: [], sinks: [], routes: inner });
  }, routes);
}

interface NodeParts {
  readonly rule: ConvertedRule;
  readonly drop: ConvertedRule[];
  readonly sinks: string[];
  readonly routes: ConvertedRoute[];
}

function nodeOf({ rule, drop, sinks, routes }: NodeParts): ConvertedRoute[] {
  if (sinks.length === 0 && routes.length === 0) return [];
  const isOpen = Object.keys(rule).length === 0;
  // A node that says nothing of its own.
  if (isOpen && drop.length === 0 && sinks.length === 0) return routes;
  return [
    {
      ...(!isOpen && { match: rule }),
      ...(drop.length > 0 && { drop }),
      ...(sinks.length > 0 && { sinks, repeats: "first" as const }),
      ...(routes.length > 0 && { routes }),
    },
  ];
}

function convertMatch(source: unknown, where: string, conversion: RouteConversion): MatchRule | "never" {
  const rule = convertRule(source, where, conversion);
  const receiver = recordOf(source).receiver;
  const isNamed = typeof receiver === "string" && receiver !== "";
  const sink = isNamed ? conversion.sinkOf(receiver) : undefined;
  if (isNamed && sink === undefined) {
    conversion.remark(`${where}.receiver`, `there is no receiver "${receiver}": nothing is sent to it`);
  }
  return rule === "never" ? rule : { rule, sink };
}

function convertDrops(sources: unknown[], where: string, conversion: RouteConversion): ConvertedRule[] | "everything" {
  const drops: ConvertedRule[] = [];
  for (const [index, source] of sources.entries()) {
    const place = `${where}[${index}]`;
    const rule = convertRule(source, place, conversion);
    if (isRecord(source) && source.receiver !== undefined) {
      conversion.remark(`${place}.receiver`, "is left out: what is dropped goes nowhere");
    }
    if (rule === "never") continue;
    if (Object.keys(rule).length === 0) {
      conversion.remark(place, "drops everything, so that its route is left out");
      return "everything";
    }
    drops.push(rule);
  }
  return drops;
}

export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
