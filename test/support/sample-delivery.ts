import type { Delivery } from "../../src/sinks/delivery.ts";
import { sampleEvent } from "./sample-event.ts";

/** A first occurrence of the sample event; `more` replaces members. */
export function sampleDelivery(more: Partial<Delivery> = {}): Delivery {
  const metadata = { name: "ui-server.1", namespace: "prod", uid: "e-1", resourceVersion: "7" };
  return {
    id: "e-1/7",
    verb: "ADDED",
    delta: 1,
    count: 1,
    time: "2026-05-01T12:00:00Z",
    event: sampleEvent({ apiVersion: "v1", kind: "Event", metadata }),
    ...more,
  };
}
