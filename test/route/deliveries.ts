import type { KubeEvent } from "../../src/events/event.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { sampleEvent } from "../support/sample-event.ts";

/** A delivery of {@link sampleEvent}, with a name and uid of its own; `more` replaces members of the event. */
export function sampleDelivery(
  uid: string,
  more: Partial<KubeEvent> = {},
  counts: { count?: number; delta?: number } = {},
) {
  const event = sampleEvent(more);
  const { count = 1, delta = count } = counts;
  const delivery: Delivery = {
    id: `${uid}/1`,
    verb: delta === count ? "ADDED" : "UPDATED",
    delta,
    count,
    time: "2026-11-23T09:30:00Z",
    event: { ...event, metadata: { ...event.metadata, name: `event-${uid}`, uid } },
  };
  return delivery;
}
