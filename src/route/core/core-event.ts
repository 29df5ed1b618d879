import type { KubeEvent } from "../../events/event.ts";
import { isRecord } from "../../util/is-record.ts";

/** Members that events.k8s.io/v1 names otherwise. Source: k8s.io/kubernetes/pkg/apis/events/v1/conversion.go. */
const otherNames: Readonly<Record<string, string>> = {
  regarding: "involvedObject",
  note: "message",
  reportingController: "reportingComponent",
  deprecatedSource: "source",
  deprecatedCount: "count",
  deprecatedFirstTimestamp: "firstTimestamp",
  deprecatedLastTimestamp: "lastTimestamp",
};

/** An Event as core/v1 has it, of one of core/v1 or events.k8s.io; undefined for anything else. */
export function coreEventOf(object: Record<string, unknown>): KubeEvent | undefined {
  if (object.kind !== undefined && object.kind !== "Event") return undefined;
  const isOfOtherGroup = String(object.apiVersion).startsWith("events.k8s.io/") || isRecord(object.regarding);
  const members = isOfOtherGroup ? { ...renamed(object), apiVersion: "v1" } : object;
  const { metadata, involvedObject, ...rest }: Record<string, unknown> = members;
  if (!isRecord(involvedObject)) return undefined;
  return { ...rest, metadata: isRecord(metadata) ? metadata : {}, involvedObject };
}

function renamed(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [otherNames[key] ?? key, value]));
}
