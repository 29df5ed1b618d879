import { componentOf } from "../events/component-of.ts";
import type { Delivery } from "./delivery.ts";

/**
 * A delivery as a line of Loki. What the router only knows by what it remembers (verb, delta, whether it was replayed) is left
 * out unless asked for: a router that has lost its memory would send another line for the same change.
 *
 * @param isWhole with those three
 */
export function lokiLine(delivery: Delivery, format: "json" | "logfmt", isWhole: boolean): string {
  const { id, verb, delta, count, time, replayed, cluster, event, object } = delivery;
  const remembered = isWhole ? { verb, delta, replayed: replayed || undefined } : {};
  if (format === "json") return JSON.stringify({ id, ...remembered, count, time, cluster, event, object });
  return logfmt({
    time,
    type: event.type,
    reason: event.reason,
    cluster: cluster?.name,
    namespace: event.involvedObject.namespace,
    kind: event.involvedObject.kind,
    name: event.involvedObject.name,
    component: componentOf(event),
    ...remembered,
    count,
    id,
    message: event.message,
  });
}

/** What is undefined or empty is left out. */
function logfmt(members: Readonly<Record<string, string | number | boolean | undefined>>): string {
  return Object.entries(members)
    .flatMap(([key, value]) => (value === undefined || value === "" ? [] : [`${key}=${quoted(String(value))}`]))
    .join(" ");
}

/** Quoted as JSON quotes, where it is not one plain word. */
function quoted(value: string): string {
  return /^[^\s"=\\\p{C}]+$/u.test(value) ? value : JSON.stringify(value);
}
