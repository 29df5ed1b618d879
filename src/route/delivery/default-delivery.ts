import type { BatchLimits } from "../../sinks/sink.ts";
import type { DeliveryPolicy } from "../config/route-config.ts";

/** What is wrapped around a sink of which the routing file says nothing more. */
export const defaultDelivery: DeliveryPolicy = {
  batch: { events: 1, bytes: 2 ** 20, wait: 0 },
  timeout: 30_000,
  retry: { first: 500, longest: 60_000, giveUpAfter: undefined },
  fallback: undefined,
  deadLetters: undefined,
  queue: { events: 1_000_000, bytes: 2 ** 30, onFull: "wait" },
};

/** The same, with the batch limits of a type of sink. */
export function deliveryWith(batch: BatchLimits | undefined): DeliveryPolicy {
  return batch === undefined ? defaultDelivery : { ...defaultDelivery, batch };
}
