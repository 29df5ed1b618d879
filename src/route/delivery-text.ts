import type { Delivery } from "../sinks/delivery.ts";

const texts = new WeakMap<Delivery, string>();

/** The delivery as JSON. Made once for each: it is written to the store, measured, and sent. */
export function deliveryText(delivery: Delivery): string {
  const known = texts.get(delivery);
  if (known !== undefined) return known;
  const text = JSON.stringify(delivery);
  texts.set(delivery, text);
  return text;
}
