import type { KubeEvent } from "../events/event.ts";
import { compareResourceVersions } from "../kube/list-watch/compare-resource-versions.ts";

/** Older decisions first, by what the server says of them: when it created them, then their resourceVersion. */
export function byServerOrder(a: KubeEvent, b: KubeEvent): number {
  return timeOf(a) - timeOf(b) || versionsOf(a, b) || 0;
}

/** Those first that were last written first: the order of creation of what cannot be changed. */
export function byVersion(a: KubeEvent, b: KubeEvent): number {
  return versionsOf(a, b) ?? timeOf(a) - timeOf(b);
}

function versionsOf(a: KubeEvent, b: KubeEvent): number | undefined {
  return compareResourceVersions(a.metadata.resourceVersion ?? "", b.metadata.resourceVersion ?? "");
}

function timeOf({ metadata }: KubeEvent): number {
  return Date.parse(metadata.creationTimestamp ?? "") || 0;
}
