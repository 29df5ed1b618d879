import { resourceTable } from "../kube/resource-table.ts";
import type { Cluster, Delivery } from "./delivery.ts";

/** A CloudEvent's attributes, in the order that they are written in, and its data. */
export interface CloudEvent {
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly data: unknown;
}

/** Whose type and subject are used: kev's own, or exactly those of Knative's ApiServerSource. */
export type Compat = "none" | "knative";

const types: Readonly<Record<Compat, Readonly<Record<Delivery["verb"], string>>>> = {
  none: { ADDED: "dev.kev.event.added", UPDATED: "dev.kev.event.updated" },
  knative: { ADDED: "dev.knative.apiserver.resource.add", UPDATED: "dev.knative.apiserver.resource.update" },
};

/** Numbers of OpenTelemetry: https://opentelemetry.io/docs/specs/otel/logs/data-model/#severity-fields */
const severities: Readonly<Record<string, number>> = { Normal: 9, Warning: 13 };

/**
 * An event of Kubernetes as CloudEvent 1.0. `source` and `id` together are the same whenever it is sent, so that a receiver
 * may leave a repeated one out. Extensions `kind`, `apiversion`, `namespace` and `name` are of what `subject` names.
 *
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 * Extensions: https://github.com/cloudevents/spec/tree/main/cloudevents/extensions (partitioning, sequence, severity)
 *
 * @param source the attribute; undefined: `/k8s/<uid of the cluster>`
 */
export function cloudEventOf(delivery: Delivery, compat: Compat, source: string | undefined): CloudEvent {
  const { event, id, time, verb, cluster, count, delta } = delivery;
  const { involvedObject, metadata } = event;
  const about = compat === "knative" ? { apiVersion: "v1", kind: "Event", ...pick(metadata) } : involvedObject;
  const severity = severities[event.type ?? ""];
  const attributes = {
    specversion: "1.0",
    id,
    source: source || sourceOf(cluster),
    type: types[compat][verb],
    subject: subjectOf(about),
    time,
    datacontenttype: "application/json",
    apiversion: about.apiVersion,
    kind: about.kind,
    namespace: about.namespace,
    name: about.name,
    reason: event.reason,
    severitytext: severity === undefined ? undefined : event.type,
    severitynumber: severity,
    partitionkey: involvedObject.uid,
    // Compared as texts; no resourceVersion is longer than 20 digits.
    sequence: metadata.resourceVersion?.padStart(20, "0"),
    count,
    delta,
  };
  return { attributes: cleaned(attributes), data: event };
}

function pick({ namespace, name }: { namespace?: string; name?: string }): { namespace?: string; name?: string } {
  return { ...(namespace === undefined ? {} : { namespace }), ...(name === undefined ? {} : { name }) };
}

function sourceOf(cluster: Cluster | undefined): string {
  const name = cluster?.uid || cluster?.name;
  return name ? `/k8s/${encodeURIComponent(name)}` : "/k8s";
}

interface Named {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** `/apis/apps/v1/namespaces/prod/deployments/ui-server`; as Knative has it, the core group, too, is below /apis. */
function subjectOf({ apiVersion = "", kind = "", namespace, name = "" }: Named): string | undefined {
  if (name === "" || kind === "") return undefined;
  const place = namespace ? ["namespaces", namespace] : [];
  return ["", "apis", ...apiVersion.split("/"), ...place, pluralOf(apiVersion, kind), name].filter(isGiven).join("/");
}

function isGiven(part: string, index: number): boolean {
  return index === 0 || part !== "";
}

const plurals = new Map(resourceTable.map(({ group, kind, plural }) => [`${group}/${kind}`, plural]));

/** Of other types it is guessed, as Kubernetes itself guesses (meta.UnsafeGuessKindToResource). */
function pluralOf(apiVersion: string, kind: string): string {
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  const singular = kind.toLowerCase();
  const guess = singular.endsWith("s") ? `${singular}es` : singular.replace(/y$/, "ie").concat("s");
  return plurals.get(`${group}/${kind}`) ?? guess;
}

/** Without what is empty, and without characters that the specification does not allow in strings. */
function cleaned(attributes: Record<string, string | number | undefined>): Record<string, string | number> {
  const entries = Object.entries(attributes).flatMap(([name, value]): [string, string | number][] => {
    const clean =
      typeof value === "string" ? value.replace(/[\u0000-\u001f\u007f-\u009f]|\p{Surrogate}/gu, " ") : value;
    return clean === undefined || clean === "" ? [] : [[name, clean]];
  });
  return Object.fromEntries(entries);
}
