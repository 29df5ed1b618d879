import type { KubeEvent } from "../../events/event.ts";
import { occurrencesOf } from "../../events/occurrences.ts";
import type { MetricDefinition } from "../../metrics/metric-definition.ts";
import type { SeriesTable } from "../../metrics/series-table.ts";
import { usageError } from "../../util/errors.ts";
import type { RouteObserver } from "../route-observer.ts";

/** A tool whose metrics kev can show, so that its dashboards keep working. */
export type Compat = "eventrouter" | "event_exporter";

export const compats: readonly Compat[] = ["eventrouter", "event_exporter"];

export type CompatMetrics = Pick<RouteObserver, "taken" | "present" | "forgotten">;

/** The value of `--compat`: names with commas between them. @throws usage error for a name that is none */
export function parseCompat(text: string): Compat[] {
  return [...new Set(text.split(","))].map((name) => {
    const known = compats.find((compat) => compat === name);
    if (known) return known;
    throw usageError(`invalid argument "${text}" for "--compat" flag: it is ${compats.join(", ")} or both`);
  });
}

/** Makes the series of a metric, limited; `folds`: what there is no room for is counted together. */
type Create = (definition: MetricDefinition, folds: boolean) => SeriesTable;

export function createCompatMetrics(names: readonly Compat[], create: Create): CompatMetrics[] {
  return [...new Set(names)].map((name) => (name === "eventrouter" ? eventrouter(create) : eventExporter(create)));
}

/** eventrouter's name for each type of an event; what is none of them is unknown. */
const words: Readonly<Record<string, string>> = { Warning: "warnings", Normal: "normal", Info: "info" };

const eventrouterHelp: Readonly<Record<string, string>> = {
  warnings: "Total number of warning events in the kubernetes cluster",
  normal: "Total number of normal events in the kubernetes cluster",
  info: "Total number of info events in the kubernetes cluster",
  unknown: "Total number of events of unknown type in the kubernetes cluster",
};

/**
 * The counters of heptiolabs/eventrouter, `heptio_eventrouter_…`, and those of its successor kube-logging/eventrouter,
 * `eventrouter_…`, which has left the object's name out and says `unknown` for what is empty. `source` is the host that the
 * event is from, in both.
 *
 * kev counts truer: they add 1 for each write that they see, again for all events at each start, and the first one at each
 * resync (30 minutes), too; here occurrences are added, those between two writes and those while kev was down included.
 * The cardinality of heptio's is theirs: one series for each object that ever had an event, until the limit.
 *
 * Sources: https://github.com/heptiolabs/eventrouter, eventrouter.go; https://github.com/kube-logging/eventrouter,
 * cmd/eventrouter.go.
 */
function eventrouter(create: Create): CompatMetrics {
  const family = (prefix: string, labels: readonly string[]): Map<string, SeriesTable> =>
    new Map(
      Object.entries(eventrouterHelp).map(([word, help]) => {
        return [word, create({ name: `${prefix}_${word}_total`, type: "counter", help, labels }, true)];
      }),
    );
  const [kind, name, namespace] = ["involved_object_kind", "involved_object_name", "involved_object_namespace"];
  const heptio = family("heptio_eventrouter", [kind, name, namespace, "reason", "source"]);
  const successor = family("eventrouter", [kind, namespace, "reason", "source"]);
  return {
    taken: ({ event, delta }) => {
      const word = words[event.type ?? ""] ?? "unknown";
      const { kind = "", name = "", namespace = "" } = event.involvedObject;
      const { reason = "", source } = event;
      const host = source?.host ?? "";
      heptio.get(word)?.add([kind, name, namespace, reason, host], delta);
      const known = [kind, namespace, reason, host].map((text) => text || "unknown");
      successor.get(word)?.add(known, delta);
    },
    present: () => undefined,
    forgotten: () => undefined,
  };
}

const exporterLabels = [
  "name",
  "involved_object_namespace",
  "namespace",
  "involved_object_name",
  "involved_object_kind",
  "reason",
  "type",
  "source",
];

/**
 * The metrics of caicloud/event_exporter: for each event that is there its count, and how many of its changes were seen,
 * by whatever name it says so (its README calls that one unique events). A series goes when its event does. `source` is
 * HOST`/`COMPONENT.
 *
 * kev counts truer: theirs says 0 for an event that is counted by a series, and keeps the series of one of two events of
 * the same name in different namespaces for ever. It shows Warnings only unless told otherwise; kev shows all types, as
 * `type` tells. Like theirs it needs a list of all events at the start.
 * The cardinality is theirs: one series for each event. Past the limit events have none.
 *
 * Source: https://github.com/caicloud/event_exporter, pkg/collector/metrics.go and event.go.
 */
function eventExporter(create: Create): CompatMetrics {
  const series = (name: string, type: "gauge" | "counter", help: string): SeriesTable =>
    create({ name, type, help, labels: exporterLabels }, false);
  const count = series("kube_event_count", "gauge", "Number of kubernetes event happened");
  const changes = series(
    "kube_event_unique_events_total",
    "counter",
    "Total number of kubernetes unique event happened",
  );
  /** uid → the labels under which the event was shown last. */
  const shown = new Map<string, readonly string[]>();
  const forget = (uid: string): void => {
    const values = shown.get(uid);
    if (!values) return;
    shown.delete(uid);
    count.remove(values);
    changes.remove(values);
  };
  const show = (event: KubeEvent, occurrences: number): void => {
    const values = exporterValues(event);
    const uid = event.metadata.uid ?? "";
    const before = shown.get(uid);
    // A new reason, say: the event would be shown twice.
    if (before?.some((value, at) => value !== values[at])) forget(uid);
    if (!count.set(values, occurrences)) return;
    shown.set(uid, values);
    changes.add(values, 1);
  };
  return {
    taken: ({ event, count: occurrences }) => show(event, occurrences),
    present: (event) => {
      if (!shown.has(event.metadata.uid ?? "")) show(event, occurrencesOf(event).count);
    },
    forgotten: forget,
  };
}

function exporterValues({ metadata, involvedObject, reason, type, source }: KubeEvent): string[] {
  const { namespace, name, kind } = involvedObject;
  const from = `${source?.host ?? ""}/${source?.component ?? ""}`;
  return [metadata.name, namespace, metadata.namespace, name, kind, reason, type, from].map((text) => text ?? "");
}
