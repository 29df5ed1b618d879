import { componentOf } from "../events/component-of.ts";
import type { ObjectReference } from "../events/event.ts";
import type { Delivery } from "./delivery.ts";
import { unixNanoseconds } from "./unix-nanoseconds.ts";

// Log records as the collector's k8s_events receiver makes them, so that queries and dashboards for it work here:
// https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/main/receiver/k8seventsreceiver/k8s_event_to_logdata.go
// Beside its names stand those of the registry: https://opentelemetry.io/docs/specs/semconv/registry/attributes/k8s/
// and, with `kev.`, what neither has. `observedTimeUnixNano` is left out: it would be another one each time that a record is
// sent, and what is sent again shall be the same.

/** A value in OTLP's JSON: numbers of 64 bits are strings. */
type AnyValue = { stringValue: string } | { intValue: string } | { boolValue: boolean };

export interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

export interface OtlpResource {
  readonly attributes: readonly KeyValue[];
}

export interface OtlpRecord {
  readonly timeUnixNano: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body: AnyValue;
  readonly attributes: readonly KeyValue[];
  readonly eventName: string;
}

/** Numbers of https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber; the API knows only two types. */
const severities: Readonly<Record<string, number>> = { normal: 9, warning: 13, error: 17, critical: 21 };

/** Kinds that the registry has attributes for: their group, and the part of the name behind `k8s.`. */
const kinds: Readonly<Record<string, readonly [group: string, name: string]>> = {
  Pod: ["", "pod"],
  Node: ["", "node"],
  ReplicationController: ["", "replicationcontroller"],
  ResourceQuota: ["", "resourcequota"],
  Deployment: ["apps", "deployment"],
  ReplicaSet: ["apps", "replicaset"],
  StatefulSet: ["apps", "statefulset"],
  DaemonSet: ["apps", "daemonset"],
  Job: ["batch", "job"],
  CronJob: ["batch", "cronjob"],
  HorizontalPodAutoscaler: ["autoscaling", "hpa"],
};

/** What the record is about. */
export function otlpResource({ cluster, event, object }: Delivery): OtlpResource {
  const { involvedObject: about, source } = event;
  const known = registryName(about);
  const container = /^spec\.(?:initContainers|ephemeralContainers|containers)\{(.+)\}$/.exec(
    about.fieldPath ?? "",
  )?.[1];
  const facts = known === undefined ? "kev.object" : `k8s.${known}`;
  return {
    attributes: attributes({
      "k8s.cluster.name": cluster?.name,
      "k8s.cluster.uid": cluster?.uid,
      "k8s.namespace.name": about.namespace,
      "k8s.node.name": source?.host,
      ...(known === undefined ? {} : { [`k8s.${known}.name`]: about.name, [`k8s.${known}.uid`]: about.uid }),
      "k8s.container.name": known === "pod" ? container : undefined,
      "k8s.object.kind": about.kind,
      "k8s.object.name": about.name,
      "k8s.object.uid": about.uid,
      "k8s.object.fieldpath": about.fieldPath,
      "k8s.object.api_version": about.apiVersion,
      "k8s.object.resource_version": about.resourceVersion,
      ...prefixed(`${facts}.label.`, object?.labels),
      ...prefixed(`${facts}.annotation.`, object?.annotations),
    }),
  };
}

/** What happened. */
export function otlpRecord({ id, verb, delta, count, time, replayed, event }: Delivery): OtlpRecord {
  const severityNumber = severities[event.type?.toLowerCase() ?? ""];
  return {
    timeUnixNano: unixNanoseconds(time),
    ...(severityNumber === undefined ? {} : { severityNumber }),
    ...(event.type ? { severityText: event.type } : {}),
    body: { stringValue: event.message ?? "" },
    attributes: attributes({
      "log.record.uid": id,
      "k8s.event.reason": event.reason,
      "k8s.event.action": event.action,
      "k8s.event.start_time": event.metadata.creationTimestamp,
      "k8s.event.name": event.metadata.name,
      "k8s.event.uid": event.metadata.uid,
      "k8s.event.count": count,
      "k8s.namespace.name": event.involvedObject.namespace,
      "kev.event.delta": delta,
      "kev.event.verb": verb,
      "kev.event.replayed": replayed || undefined,
      "kev.event.component": componentOf(event),
    }),
    eventName: "k8s.event",
  };
}

/** A Job of another group is no Job. */
function registryName({ kind = "", apiVersion = "" }: ObjectReference): string | undefined {
  const [group, name] = (Object.hasOwn(kinds, kind) && kinds[kind]) || [];
  const actual = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  // Who writes events by hand often leaves the version out.
  return group === actual || apiVersion === "" ? name : undefined;
}

function prefixed(prefix: string, map: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [prefix + key, value]));
}

/** What is undefined or empty is left out. */
function attributes(members: Readonly<Record<string, string | number | boolean | undefined>>): KeyValue[] {
  return Object.entries(members).flatMap(([key, value]): KeyValue[] => {
    if (value === undefined || value === "") return [];
    if (typeof value === "number") return [{ key, value: { intValue: String(value) } }];
    return [{ key, value: typeof value === "boolean" ? { boolValue: value } : { stringValue: value } }];
  });
}
