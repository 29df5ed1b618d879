import type { MetricDefinition } from "../../metrics/metric-definition.ts";
import { routeMetricTable as table } from "./route-metric-table.ts";

interface Panel {
  readonly title: string;
  readonly metric: MetricDefinition;
  /** Labels that are kept apart; the rest is summed. Default: the metric's own. */
  readonly by?: readonly string[];
  /** Which series; default all. */
  readonly where?: string;
}

/** Every metric of the table is on it, each in one panel at least. */
const rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[] = [
  {
    title: "Events",
    panels: [
      { title: "Events by type", metric: table.events, by: ["type"] },
      { title: "Warnings by namespace", metric: table.events, by: ["namespace"], where: 'type="Warning"' },
      { title: "Warnings by reason", metric: table.events, by: ["reason"], where: 'type="Warning"' },
      { title: "Events by component", metric: table.events, by: ["component"] },
      { title: "Events by kind", metric: table.events, by: ["kind"] },
      { title: "Events that are gone", metric: table.forgotten },
    ],
  },
  {
    title: "Sinks",
    panels: [
      { title: "Sent", metric: table.sent },
      { title: "Oldest event that waits", metric: table.oldest },
      { title: "Events that wait", metric: table.queued },
      { title: "Size of what waits", metric: table.queuedBytes },
      { title: "Time of a send", metric: table.sendDuration },
      { title: "Failing", metric: table.failing },
      { title: "Retries", metric: table.retries },
      { title: "To the fallback", metric: table.fallbacks },
      { title: "Dead letters", metric: table.deadLetters },
      { title: "Dropped", metric: table.dropped },
    ],
  },
  {
    title: "Following the server",
    panels: [
      { title: "Watching", metric: table.watching },
      { title: "Leading", metric: table.leader },
      { title: "Age of the checkpoint", metric: table.checkpointAge },
      { title: "Gaps", metric: table.gaps },
      { title: "Length of gaps", metric: table.gapSeconds },
      { title: "When the newest gap was found", metric: table.lastGap },
      { title: "Writes of the state that failed", metric: table.storeFailures },
      { title: "Lists", metric: table.lists },
      { title: "Failures", metric: table.disconnects },
      { title: "Watches that went on", metric: table.reconnects },
      { title: "Objects remembered", metric: table.objectsCached },
      { title: "Objects found in memory", metric: table.objectHits },
      { title: "Objects read", metric: table.objectMisses },
      { title: "Counted under _other", metric: table.folded },
      { title: "Version", metric: table.buildInfo },
    ],
  },
];

/** Grafana's grid has 24 columns. */
const [panelWidth, panelHeight] = [8, 7];
const datasource = { type: "prometheus", uid: "${datasource}" };

/**
 * A Grafana dashboard of every metric of a router, as its import and its provisioning take it. Works for one router and
 * for several: `job` and `instance` are variables.
 *
 * Source: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/.
 */
export function routeDashboard(): Record<string, unknown> {
  const panels: object[] = [];
  let y = 0;
  for (const { title, panels: inRow } of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title,
      collapsed: false,
      gridPos: { x: 0, y: y++, w: 24, h: 1 },
    });
    inRow.forEach((panel, at) => {
      const gridPos = {
        x: (at % 3) * panelWidth,
        y: y + Math.floor(at / 3) * panelHeight,
        w: panelWidth,
        h: panelHeight,
      };
      panels.push({ id: panels.length + 1, gridPos, ...timeSeries(panel) });
    });
    y += Math.ceil(inRow.length / 3) * panelHeight;
  }
  return {
    uid: "kev-route",
    title: "kev route",
    description: "Events that leave the cluster by kev route",
    tags: ["kev", "kubernetes"],
    schemaVersion: 39,
    editable: true,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
        variable("job", `label_values(${table.buildInfo.name}, job)`),
        variable("instance", `label_values(${table.buildInfo.name}{job=~"$job"}, instance)`),
      ],
    },
    panels,
  };
}

function variable(name: string, query: string) {
  return { name, type: "query", datasource, query, refresh: 2, multi: true, includeAll: true, allValue: ".*" };
}

function timeSeries({ title, metric, ...panel }: Panel) {
  return {
    type: "timeseries",
    title,
    description: metric.help,
    datasource,
    fieldConfig: {
      defaults: {
        unit: unitOf(metric),
        ...(metric.unit !== "timestamp" && { min: 0 }),
        custom: { fillOpacity: 10 },
      },
      overrides: [],
    },
    options: { legend: { displayMode: "list", placement: "bottom" }, tooltip: { mode: "multi", sort: "desc" } },
    targets: queriesOf(metric, panel).map(({ expr, legendFormat }, at) => {
      return { refId: String.fromCharCode(65 + at), datasource, expr, legendFormat };
    }),
  };
}

function queriesOf(
  metric: MetricDefinition,
  { by = metric.labels, where }: Pick<Panel, "by" | "where">,
): { expr: string; legendFormat: string }[] {
  const { name, type } = metric;
  const matchers = `{${['job=~"$job"', 'instance=~"$instance"', where ?? []].flat().join(",")}}`;
  const legendFormat = by.length > 0 ? by.map((label) => `{{${label}}}`).join(" ") : "{{instance}}";
  const kept = by.length > 0 ? by : ["instance"];
  if (type === "histogram") {
    return [0.5, 0.99].map((share) => {
      const rate = `sum by (${["le", ...kept].join(", ")}) (rate(${name}_bucket${matchers}[$__rate_interval]))`;
      return { expr: `histogram_quantile(${share}, ${rate})`, legendFormat: `${legendFormat} ${share * 100} %` };
    });
  }
  const sum = `sum by (${kept.join(", ")})`;
  // Rare ones are read as how many, the others as how many a second.
  const counted = isRare(metric)
    ? `increase(${name}${matchers}[$__rate_interval])`
    : `rate(${name}${matchers}[$__rate_interval])`;
  if (type === "counter") return [{ expr: `${sum} (${counted})`, legendFormat }];
  // A sum of ages, or of answers of yes and no, says nothing.
  const joined = metric.unit === undefined || metric.unit === "bytes" ? sum : `max by (${kept.join(", ")})`;
  return [{ expr: `${joined} (${name}${matchers}${asDate(metric)})`, legendFormat }];
}

const rare: readonly MetricDefinition[] = [
  ...[table.retries, table.fallbacks, table.deadLetters, table.dropped, table.folded],
  ...[table.storeFailures, table.lists, table.disconnects, table.reconnects, table.gaps, table.gapSeconds],
];

function isRare(metric: MetricDefinition): boolean {
  return rare.includes(metric);
}

function unitOf(metric: MetricDefinition): string {
  const { unit, type } = metric;
  if (unit === "seconds") return "s";
  if (unit === "bytes") return "bytes";
  if (unit === "timestamp") return "dateTimeFromNow";
  return type === "counter" && !isRare(metric) ? "cps" : "short";
}

/** Grafana's dates are in milliseconds; 0 is none. */
function asDate({ unit }: MetricDefinition): string {
  return unit === "timestamp" ? " * 1000 > 0" : "";
}
