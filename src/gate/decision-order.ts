import type { KubeEvent } from "../events/event.ts";
import { compareResourceVersions } from "../kube/list-watch/compare-resource-versions.ts";

/** Older decisions first, by what the server says of them: when it created them, then their resourceVersion. */
export function byServerOrder(a: KubeEvent, b: KubeEvent): number {
  const [left, right] = [a, b].map(({ metadata }) => Date.parse(metadata.creationTimestamp ?? "") || 0) as [
    number,
    number,
  ];
  const [older, newer] = [a.metadata.resourceVersion ?? "", b.metadata.resourceVersion ?? ""];
  return left - right || (compareResourceVersions(older, newer) ?? 0);
}
