import { findSinkType } from "../../sinks/registry.ts";
import { deliveryWith } from "../delivery/default-delivery.ts";
import type { RouteConfig } from "./route-config.ts";

/** What is routed where without a routing file: every event to stdout. */
export function defaultRouteConfig(): RouteConfig {
  const sink = findSinkType("stdout");
  return {
    cluster: undefined,
    objects: { read: false, cache: 1_000, maxAge: 300_000 },
    routes: [{ name: "all", match: [], drop: [], sinks: ["stdout"], repeats: "all", routes: [] }],
    sinks: [{ name: "stdout", type: "stdout", options: {}, delivery: deliveryWith(sink?.batch) }],
  };
}
