import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { alertRules, alertRulesYaml } from "../../../src/route/metrics/alert-rules.ts";
import { promtool } from "../../servers/promtool.ts";

let folder: string;
let rules: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-rules-"));
  rules = join(folder, "rules.yaml");
  await writeFile(rules, alertRulesYaml());
});
afterAll(() => rm(folder, { recursive: true }));

/** Metrics a minute apart, in promtool's words: `0+1x5` is 0 1 2 3 4 5, and `_x5` nothing six times. */
type Series = Readonly<Record<string, string>>;

interface Case {
  readonly alert: string;
  readonly is: string;
  readonly series: Series;
  /** Minutes. */
  readonly at: number;
  /** What it says; undefined: no alert. */
  readonly says?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly summary: string;
    readonly description: string;
  };
}

const router = { instance: "kev-0", job: "kev" };
const absent = {
  summary: "No event router is there",
  description: "Prometheus finds no kev route. What expires on the server meanwhile is lost.",
};
const gap = {
  labels: router,
  summary: "Events may have been lost",
  description: "kev-0 was down for longer than the server keeps events. The log says from when to when.",
};
const many = {
  labels: { namespace: "prod" },
  summary: "Many warnings in the namespace prod",
  description: "200 Warning events in 10 minutes, more than five times as many as in the last day.",
};

const cases: readonly Case[] = [
  { alert: "KevRouteAbsent", is: "raised where there is no router", series: {}, at: 11, says: absent },
  {
    alert: "KevRouteAbsent",
    is: "silent while one is there",
    series: { 'kev_build_info{version="1"}': "1x20" },
    at: 15,
  },
  {
    alert: "KevRouteNotWatching",
    is: "raised when a leader does not watch",
    series: { kev_watching: "0x10", kev_leader: "1x10" },
    at: 6,
    says: {
      labels: router,
      summary: "Events are not followed",
      description: "kev-0 cannot list or watch events. What expires on the server meanwhile is lost.",
    },
  },
  {
    alert: "KevRouteNotWatching",
    is: "raised without leaders, too",
    series: { kev_watching: "0x10" },
    at: 6,
    says: {
      labels: router,
      summary: "Events are not followed",
      description: "kev-0 cannot list or watch events. What expires on the server meanwhile is lost.",
    },
  },
  {
    alert: "KevRouteNotWatching",
    is: "silent for one that waits for the Lease",
    series: { kev_watching: "0x10", kev_leader: "0x10" },
    at: 9,
  },
  {
    alert: "KevRouteNoLeader",
    is: "raised when all wait",
    series: { kev_leader: "0x10", 'kev_leader{instance="kev-1"}': "0x10" },
    at: 5,
    says: {
      labels: { job: "kev" },
      summary: "No replica of the event router leads",
      description: "All replicas of kev wait for the Lease. Can they reach the API server, and write Leases?",
    },
  },
  {
    alert: "KevRouteNoLeader",
    is: "silent when one leads",
    series: { kev_leader: "0x10", 'kev_leader{instance="kev-1"}': "1x10" },
    at: 9,
  },
  {
    alert: "KevRouteCheckpointStale",
    is: "raised when nothing is taken in",
    series: { kev_checkpoint_age_seconds: "0+60x30" },
    at: 20,
    says: {
      labels: router,
      summary: "Events are not taken in",
      description:
        "kev-0 has taken in nothing for 20m 0s. A full queue, or a state that cannot be written, holds it up; " +
        "what expires on the server meanwhile is lost.",
    },
  },
  {
    alert: "KevRouteCheckpointStale",
    is: "silent while it moves",
    series: { kev_checkpoint_age_seconds: "1x30" },
    at: 20,
  },
  {
    alert: "KevRouteStateFailing",
    is: "raised when it cannot be written",
    series: { kev_state_failures_total: "0+2x20" },
    at: 15,
    says: {
      labels: router,
      summary: "The router's state cannot be written",
      description: "kev-0 goes on when it can: is the volume full, or the database away?",
    },
  },
  {
    alert: "KevRouteStateFailing",
    is: "silent after a failure that has passed",
    series: { kev_state_failures_total: "0 1x20" },
    at: 15,
  },
  {
    alert: "KevRouteGap",
    is: "raised for an hour",
    series: { kev_last_gap_timestamp_seconds: "600x99" },
    at: 65,
    says: gap,
  },
  { alert: "KevRouteGap", is: "silent later", series: { kev_last_gap_timestamp_seconds: "600x99" }, at: 75 },
  {
    alert: "KevRouteSinkFailing",
    is: "raised when what waits gets older",
    series: { 'kev_sink_oldest_unacknowledged_seconds{sink="loki"}': "0+60x30" },
    at: 15,
    says: {
      labels: { ...router, sink: "loki" },
      summary: "The sink loki falls behind",
      description:
        "The oldest event that loki has not taken is 15m 0s old, and gets older. Nothing is lost while the queue has room.",
    },
  },
  {
    alert: "KevRouteSinkFailing",
    is: "silent while the sink catches up",
    series: { 'kev_sink_oldest_unacknowledged_seconds{sink="loki"}': "3000-30x30" },
    at: 15,
  },
  {
    alert: "KevRouteDeadLetters",
    is: "raised by the first one",
    series: { 'kev_sink_dead_letters_total{sink="loki"}': "0x5 1x20" },
    at: 8,
    says: {
      labels: { ...router, sink: "loki" },
      summary: "The sink loki does not take some events",
      description: "They are in the file of dead letters, each with the reason, and are not sent again by themselves.",
    },
  },
  {
    alert: "KevRouteDeadLetters",
    is: "silent when there were some long ago",
    series: { 'kev_sink_dead_letters_total{sink="loki"}': "0x5 1x40" },
    at: 40,
  },
  {
    alert: "KevRouteEventsDropped",
    is: "raised by the first one",
    series: { 'kev_sink_dropped_total{sink="loki",reason="queue-full"}': "0x5 1x20" },
    at: 8,
    says: {
      labels: { ...router, sink: "loki", reason: "queue-full" },
      summary: "Events for the sink loki are lost",
      description: "Its queue is full, and the routing file says onFull: drop.",
    },
  },
  {
    alert: "KevRouteSeriesFolded",
    is: "raised when there are too many series",
    series: { 'kev_metrics_folded_total{metric="kev_events_total"}': "0x5 1x20" },
    at: 8,
    says: {
      labels: { ...router, metric: "kev_events_total" },
      summary: "kev_events_total has the most label sets that it may have",
      description:
        "What comes with another one is counted under _other. Who writes events with so many different reasons?",
    },
  },
  {
    alert: "KevWarningBurst",
    is: "raised when there are many more than in the last day",
    series: { 'kev_events_total{namespace="prod",type="Warning"}': "0+1x1440 1460+20x20" },
    at: 1451,
    says: many,
  },
  {
    alert: "KevWarningBurst",
    is: "silent where there are always many",
    series: { 'kev_events_total{namespace="prod",type="Warning"}': "0+20x1500" },
    at: 1451,
  },
  {
    alert: "KevWarningBurst",
    is: "silent for events that are no warnings",
    series: { 'kev_events_total{namespace="prod",type="Normal"}': "0+1x1440 1460+20x20" },
    at: 1451,
  },
];

describe("promtool", () => {
  test("takes the rules", async () => {
    const { length } = alertRules().groups.flatMap((group) => group.rules);
    expect(await promtool(["check", "rules", rules])).toEqual({
      code: 0,
      output: `Checking ${rules}\n  SUCCESS: ${length} rules found\n\n`,
    });
  });

  test.each(cases)("sees $alert $is", async (one) => {
    const file = join(folder, "case.yaml");
    await writeFile(file, JSON.stringify(promtoolTest(one)));
    expect(await promtool(["test", "rules", file])).toEqual({
      code: 0,
      output: `Unit Testing:  ${file}\n  SUCCESS\n\n`,
    });
  });

  test("is asked about every alert", () => {
    const raised = new Set(cases.flatMap(({ alert, says }) => (says ? [alert] : [])));
    const { groups } = alertRules();
    expect([...raised]).toEqual(groups.flatMap((group) => group.rules.map(({ alert }) => alert)));
  });
});

/** https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
function promtoolTest({ alert, series, at, says }: Case): unknown {
  const rule = alertRules()
    .groups.flatMap((group) => group.rules)
    .find((one) => one.alert === alert);
  const input = Object.entries(series).map(([name, values]) => ({ series: withRouter(name), values }));
  const raised = says && {
    exp_labels: { ...says.labels, severity: rule?.labels.severity },
    exp_annotations: { summary: says.summary, description: says.description },
  };
  const wanted = { eval_time: `${at}m`, alertname: alert, exp_alerts: raised ? [raised] : [] };
  return {
    rule_files: [rules],
    evaluation_interval: "1m",
    tests: [{ interval: "1m", input_series: input, alert_rule_test: [wanted] }],
  };
}

/** With the labels that Prometheus gives to what it reads of a router. */
function withRouter(series: string): string {
  const [, name = "", labels = ""] = /^(\w+)(?:\{(.*)\})?$/.exec(series) ?? [];
  const given = Object.entries(router).flatMap(([label, value]) =>
    labels.includes(`${label}=`) ? [] : [`${label}="${value}"`],
  );
  return `${name}{${[...given, ...(labels ? [labels] : [])].join(",")}}`;
}
