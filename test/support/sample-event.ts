import type { KubeEvent } from "../../src/events/event.ts";

/** An event about the Deployment ui-server in prod, from ci-approver, without timestamps; `more` replaces members. */
export function sampleEvent(more: Partial<KubeEvent> = {}): KubeEvent {
  return {
    metadata: { name: "ui-server.1", namespace: "prod" },
    involvedObject: { apiVersion: "apps/v1", kind: "Deployment", name: "ui-server", namespace: "prod", uid: "u-1" },
    type: "Normal",
    reason: "Approval",
    message: "Manually tested and approved",
    source: { component: "ci-approver" },
    ...more,
  };
}
