import type { KubeEvent } from "../../src/events/event.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { sampleEvent } from "./sample-event.ts";

/** A Warning about a Pod as the kubelet writes it, stored in resourceVersion 4711; `more` replaces members. */
export function storedEvent(more: Partial<KubeEvent> = {}): KubeEvent {
  return {
    metadata: {
      name: "ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607",
      namespace: "prod",
      uid: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10",
      resourceVersion: "4711",
      creationTimestamp: "2026-11-23T09:10:00Z",
    },
    involvedObject: {
      apiVersion: "v1",
      kind: "Pod",
      name: "ui-server-7d4b9c-x2x7k",
      namespace: "prod",
      uid: "9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22",
      resourceVersion: "4700",
      fieldPath: "spec.containers{ui}",
    },
    type: "Warning",
    reason: "BackOff",
    message: "Back-off restarting failed container ui",
    source: { component: "kubelet", host: "node-3" },
    reportingComponent: "kubelet",
    reportingInstance: "node-3",
    count: 3,
    firstTimestamp: "2026-11-23T09:10:00Z",
    lastTimestamp: "2026-11-23T09:29:30Z",
    eventTime: null,
    ...more,
  };
}

/** The third occurrence of {@link storedEvent}; `more` replaces members. */
export function sampleDelivery(more: Partial<Delivery> = {}): Delivery {
  return {
    id: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711",
    verb: "UPDATED",
    delta: 1,
    count: 3,
    time: "2026-11-23T09:29:30.000Z",
    cluster: { name: "prod-eu", uid: "5c1d7a00-7b1e-4f53-9a0f-6d1c2b3a4e5f" },
    event: storedEvent(),
    ...more,
  };
}

/** The first delivery of an event with next to nothing in it, `<name>/1`. */
export function bareDelivery(name: string, event: Partial<KubeEvent> = {}): Delivery {
  return {
    id: `${name}/1`,
    verb: "ADDED",
    delta: 1,
    count: 1,
    time: "2026-11-23T09:30:00.000Z",
    event: { ...sampleEvent(), metadata: { name, namespace: "prod", uid: name, resourceVersion: "1" }, ...event },
  };
}
