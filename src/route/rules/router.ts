import type { Delivery } from "../../sinks/delivery.ts";
import type { Repeats, RouteConfig, RouteNode, Rule } from "../config/route-config.ts";
import type { Router, Target } from "./router-contract.ts";

/**
 * Where deliveries go by the routes of a config. Pure.
 *
 * A sink that several routes lead to gets a change once, by the route that repeats most; of several such by the last one in
 * the file. Each pair of route and sink remembers for itself what it has let through.
 */
export function createRouter(config: Pick<RouteConfig, "routes" | "objects">): Router {
  const { routes, objects } = config;
  return {
    needsObject: (delivery) => {
      if (!objects.read || delivery.object) return false;
      return routes.some((node) => asksFor(node, delivery, objects.always ?? false));
    },
    route: (delivery) => {
      const targets = new Map<string, Target>();
      for (const node of routes) addTargets(node, delivery, targets);
      return [...targets.values()];
    },
  };
}

/** Whether an event goes into a node, whatever happens above it. */
export function isEntered({ match, drop }: RouteNode, delivery: Delivery): boolean {
  const holds = (rule: Rule): boolean => ruleHolds(rule, delivery);
  return (match.length === 0 || match.some(holds)) && !drop.some(holds);
}

export function ruleHolds({ conditions }: Rule, delivery: Delivery): boolean {
  return conditions.every((condition) => condition.test(delivery));
}

function addTargets(node: RouteNode, delivery: Delivery, targets: Map<string, Target>): void {
  if (!isEntered(node, delivery)) return;
  for (const sink of node.sinks) {
    const other = targets.get(sink);
    if (other && generosity(other.repeats) > generosity(node.repeats)) continue;
    targets.set(sink, { sink, repeats: node.repeats, route: `${node.name}/${sink}` });
  }
  for (const inner of node.routes) addTargets(inner, delivery, targets);
}

/** Greater for what lets more through. */
function generosity(repeats: Repeats): number {
  if (repeats === "all") return Number.POSITIVE_INFINITY;
  return repeats === "first" ? 0 : 1 / repeats.every;
}

/** Undefined: it depends on the object. */
type Verdict = boolean | undefined;

/** Whether anything in the tree can be decided, or sent, only with the object. */
function asksFor(node: RouteNode, delivery: Delivery, always: boolean): boolean {
  const isIn = verdictOf(node, delivery);
  if (isIn === undefined) return true;
  if (!isIn) return false;
  return (always && node.sinks.length > 0) || node.routes.some((inner) => asksFor(inner, delivery, always));
}

function verdictOf({ match, drop }: RouteNode, delivery: Delivery): Verdict {
  const isMatched = match.length === 0 || anyHolds(match, delivery);
  if (isMatched === false) return false;
  const isDropped = anyHolds(drop, delivery);
  if (isDropped) return false;
  return isMatched === undefined || isDropped === undefined ? undefined : true;
}

function anyHolds(rules: readonly Rule[], delivery: Delivery): Verdict {
  let verdict: Verdict = false;
  for (const { conditions } of rules) {
    if (!conditions.every((condition) => condition.needsObject || condition.test(delivery))) continue;
    if (!conditions.some(({ needsObject }) => needsObject)) return true;
    verdict = undefined;
  }
  return verdict;
}
