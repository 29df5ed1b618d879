import type { Delivery } from "./delivery.ts";

/**
 * A delivery as one line of JSON, without the line feed, its members always in the same order:
 * `{"id","verb","delta","count","time","replayed"?,"cluster"?,"event","object"?}`. Line feeds in strings are escaped, as
 * JSON has it.
 */
export function deliveryJson({ id, verb, delta, count, time, replayed, cluster, event, object }: Delivery): string {
  // What is undefined is left out.
  return JSON.stringify({ id, verb, delta, count, time, replayed: replayed || undefined, cluster, event, object });
}
