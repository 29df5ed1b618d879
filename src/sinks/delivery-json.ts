import type { Delivery } from "./delivery.ts";

const texts = new WeakMap<Delivery, string>();

/**
 * A delivery as one line of JSON, without the line feed, its members always in the same order:
 * `{"id","verb","delta","count","time","replayed"?,"cluster"?,"event","object"?}`. Line feeds in strings are escaped, as
 * JSON has it. Made once for each object: it is measured, stored and sent.
 */
export function deliveryJson(delivery: Delivery): string {
  const known = texts.get(delivery);
  if (known !== undefined) return known;
  const { id, verb, delta, count, time, replayed, cluster, event, object } = delivery;
  // What is undefined is left out.
  const text = JSON.stringify({
    id,
    verb,
    delta,
    count,
    time,
    replayed: replayed || undefined,
    cluster,
    event,
    object,
  });
  texts.set(delivery, text);
  return text;
}
