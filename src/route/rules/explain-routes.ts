import type { Delivery } from "../../sinks/delivery.ts";
import type { Repeats, RouteConfig, RouteNode, Rule } from "../config/route-config.ts";
import { createRouter, isEntered } from "./router.ts";
import type { Target } from "./router-contract.ts";

/** Why a delivery goes where it goes. JSON. */
export interface RoutesExplanation {
  readonly routes: readonly NodeExplanation[];
  readonly targets: readonly Target[];
  /** Whether a condition asked something of an object that is not known: it then counts as one without anything. */
  readonly objectMissing: boolean;
}

export interface NodeExplanation {
  readonly route: string;
  readonly entered: boolean;
  /** Enters by one of these; by none at all where there are none. */
  readonly match: readonly RuleExplanation[];
  readonly drop: readonly RuleExplanation[];
  readonly sinks: readonly string[];
  readonly repeats: Repeats;
  /** Empty for a node that was not entered. */
  readonly routes: readonly NodeExplanation[];
}

export interface RuleExplanation {
  readonly holds: boolean;
  readonly conditions: readonly ConditionExplanation[];
}

export interface ConditionExplanation {
  readonly field: string;
  readonly wanted: string;
  readonly found: string;
  readonly holds: boolean;
}

/** Each node of the tree that the delivery came to, and what its conditions wanted and found. */
export function explainRoutes(config: Pick<RouteConfig, "routes" | "objects">, delivery: Delivery): RoutesExplanation {
  const router = createRouter(config);
  return {
    routes: config.routes.map((node) => explainNode(node, delivery)),
    targets: router.route(delivery),
    objectMissing: router.needsObject(delivery),
  };
}

function explainNode(node: RouteNode, delivery: Delivery): NodeExplanation {
  const entered = isEntered(node, delivery);
  return {
    ...{ route: node.name, entered },
    match: node.match.map((rule) => explainRule(rule, delivery)),
    drop: node.drop.map((rule) => explainRule(rule, delivery)),
    ...{ sinks: node.sinks, repeats: node.repeats },
    routes: entered ? node.routes.map((inner) => explainNode(inner, delivery)) : [],
  };
}

function explainRule({ conditions }: Rule, delivery: Delivery): RuleExplanation {
  const explained = conditions.map((condition) => ({
    ...{ field: condition.field, wanted: condition.wanted },
    found: condition.found(delivery),
    holds: condition.test(delivery),
  }));
  return { holds: explained.every(({ holds }) => holds), conditions: explained };
}
