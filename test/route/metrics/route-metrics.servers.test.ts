import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type MetricsServer, startMetricsServer } from "../../../src/metrics/metrics-server.ts";
import { alertRules, alertRulesYaml } from "../../../src/route/metrics/alert-rules.ts";
import { createRouteMetrics, type RouteMetrics } from "../../../src/route/metrics/route-metrics.ts";
import { SendError } from "../../../src/sinks/send-error.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { type PrometheusServer, startPrometheus } from "../../servers/prometheus-server.ts";
import { promtool } from "../../servers/promtool.ts";
import { until } from "../../support/until.ts";
import { sampleDelivery } from "../deliveries.ts";

const create = (compat: Parameters<typeof createRouteMetrics>[0]["compat"] = []): RouteMetrics => {
  const sink = { name: "loki", queued: 3, queuedBytes: 300, oldestAt: new Date(), problem: undefined };
  const objects = { cached: 1, hits: 2, misses: 3 };
  const status = () => ({ sinks: [sink], checkpointAt: new Date(), isWatching: true, objects });
  const metrics = createRouteMetrics({ status, clock: systemClock, isLeader: () => true, compat });
  metrics.taken(sampleDelivery("a", { type: "Warning" }, { count: 5 }));
  metrics.taken(sampleDelivery("b", { reason: 'a "b"\\\n', source: { component: "漢字" } }));
  metrics.sent("loki", 7, 0.2);
  metrics.retried("loki", new SendError("no answer", { retriable: true }), 1_000);
  return metrics;
};

describe("promtool", () => {
  test("has nothing to say against the page", async () => {
    const { text } = await create().page();
    // Node's own, by prom-client.
    const own = text
      .split("\n\n")
      .filter((part) => !/^# HELP nodejs_/.test(part))
      .join("\n\n");
    expect(await promtool(["check", "metrics"], own)).toEqual({ code: 0, output: "" });
  });
});

describe("Prometheus", () => {
  let metrics: RouteMetrics;
  let page: MetricsServer;
  let prometheus: PrometheusServer;
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kev-rules-"));
    const rules = join(folder, "rules.yaml");
    await writeFile(rules, alertRulesYaml());
    metrics = create(["eventrouter", "event_exporter"]);
    const pages = async () => ({ status: 200, ...(await metrics.page()) });
    page = await startMetricsServer({ host: "127.0.0.1", port: 0, pages });
    prometheus = await startPrometheus({ target: `127.0.0.1:${page.address.port}`, rules });
  }, 60_000);
  afterEach(async () => {
    await prometheus.stop();
    await page.close();
    await rm(folder, { recursive: true });
  });

  test("reads the page, what other tools called it included", async () => {
    await until(async () => (await prometheus.query("up == 1")).length === 1);
    expect(await prometheus.query("sum by (type) (kev_events_total)")).toEqual([
      { labels: { type: "Warning" }, value: 5 },
      { labels: { type: "Normal" }, value: 1 },
    ]);
    expect(await prometheus.query('kev_events_total{component="漢字"}')).toEqual([
      {
        labels: expect.objectContaining({ __name__: "kev_events_total", component: "漢字", reason: 'a "b"\\\n' }),
        value: 1,
      },
    ]);
    expect(await prometheus.query("heptio_eventrouter_warnings_total")).not.toEqual([]);
    metrics.taken(sampleDelivery("a", { type: "Warning" }, { count: 8, delta: 3 }));
    await until(async () => (await prometheus.query('sum(kev_events_total{type="Warning"}) == 8')).length === 1);
  }, 60_000);

  test("raises an alert for the first dead letter, and no other", async () => {
    await until(async () => (await prometheus.query("up == 1")).length === 1);
    const alerts = async () => {
      const firing = await prometheus.query('ALERTS{alertstate="firing"}');
      return firing.map(({ labels: { alertname } }) => alertname);
    };
    expect(await alerts()).toEqual([]);
    metrics.deadLettered("loki", 1, "too large");
    await until(async () => (await alerts()).length > 0);
    expect(await alerts()).toEqual(["KevRouteDeadLetters"]);
    const loaded = (await prometheus.get("rules")) as { groups: { rules: { name: string; health: string }[] }[] };
    expect(loaded.groups.flatMap(({ rules }) => rules.map(({ name, health }) => ({ name, health })))).toEqual(
      alertRules().groups.flatMap(({ rules }) => rules.map(({ alert }) => ({ name: alert, health: "ok" }))),
    );
  }, 60_000);
});
