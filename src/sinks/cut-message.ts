import { truncateBytes } from "../events/limits.ts";
import type { Delivery } from "./delivery.ts";

/**
 * What `textOf` makes of a delivery, in at most `most` bytes: where it is longer, the event's message is cut, with `…` at
 * its end. Where that is not enough, it stays too long.
 *
 * @param textOf must write each byte of the message as at least one byte, as JSON does
 */
export function cutMessage(delivery: Delivery, most: number, textOf: (delivery: Delivery) => string): string {
  const text = textOf(delivery);
  const excess = Buffer.byteLength(text) - most;
  const { event } = delivery;
  if (excess <= 0 || !event.message) return text;
  const left = Math.max(Buffer.byteLength(event.message) - excess, Buffer.byteLength("…"));
  return textOf({ ...delivery, event: { ...event, message: truncateBytes(event.message, left) } });
}
