import { stringify } from "yaml";
import { routeMetricTable as table } from "./route-metric-table.ts";

/** A rule as Prometheus reads it: https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must be so. */
  readonly for?: string;
  readonly labels: { readonly severity: "critical" | "warning" | "info" };
  readonly annotations: { readonly summary: string; readonly description: string };
}

export interface AlertRuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly AlertRule[] }[];
}

/** One that waits for the Lease of another replica follows nothing, and should not. */
const unlessStandby = `unless ${table.leader.name} == 0`;

const warnings = (range: string): string =>
  `sum by (namespace) (increase(${table.events.name}{type="Warning"}[${range}]))`;

/**
 * What a person should be told of a router. `critical`: events are being lost, or will be when nobody looks; `warning`:
 * something is held up, or lost as the routing file asks for; `info`: worth a look.
 */
export function alertRules(): AlertRuleGroups {
  const rules: AlertRule[] = [
    {
      alert: "KevRouteAbsent",
      expr: `absent(${table.buildInfo.name})`,
      for: "10m",
      labels: { severity: "critical" },
      annotations: {
        summary: "No event router is there",
        description: "Prometheus finds no kev route. What expires on the server meanwhile is lost.",
      },
    },
    {
      alert: "KevRouteNotWatching",
      expr: `${table.watching.name} == 0 ${unlessStandby}`,
      for: "5m",
      labels: { severity: "critical" },
      annotations: {
        summary: "Events are not followed",
        description:
          "{{ $labels.instance }} cannot list or watch events. What expires on the server meanwhile is lost.",
      },
    },
    {
      alert: "KevRouteNoLeader",
      expr: `max by (job) (${table.leader.name}) == 0`,
      for: "2m",
      labels: { severity: "critical" },
      annotations: {
        summary: "No replica of the event router leads",
        description:
          "All replicas of {{ $labels.job }} wait for the Lease. Can they reach the API server, and write Leases?",
      },
    },
    {
      alert: "KevRouteCheckpointStale",
      expr: `${table.checkpointAge.name} > 600 ${unlessStandby}`,
      for: "5m",
      labels: { severity: "critical" },
      annotations: {
        summary: "Events are not taken in",
        description:
          "{{ $labels.instance }} has taken in nothing for {{ $value | humanizeDuration }}. A full queue, or a state that " +
          "cannot be written, holds it up; what expires on the server meanwhile is lost.",
      },
    },
    {
      alert: "KevRouteStateFailing",
      expr: `increase(${table.storeFailures.name}[5m]) > 0`,
      for: "5m",
      labels: { severity: "critical" },
      annotations: {
        summary: "The router's state cannot be written",
        description: "{{ $labels.instance }} goes on when it can: is the volume full, or the database away?",
      },
    },
    {
      alert: "KevRouteGap",
      expr: `time() - ${table.lastGap.name} < 3600`,
      labels: { severity: "critical" },
      annotations: {
        summary: "Events may have been lost",
        description:
          "{{ $labels.instance }} was down for longer than the server keeps events. The log says from when to when.",
      },
    },
    {
      alert: "KevRouteSinkFailing",
      expr: `${table.oldest.name} > 300 and deriv(${table.oldest.name}[5m]) > 0`,
      for: "5m",
      labels: { severity: "warning" },
      annotations: {
        summary: "The sink {{ $labels.sink }} falls behind",
        description:
          "The oldest event that {{ $labels.sink }} has not taken is {{ $value | humanizeDuration }} old, and gets older. " +
          "Nothing is lost while the queue has room.",
      },
    },
    {
      alert: "KevRouteDeadLetters",
      expr: `increase(${table.deadLetters.name}[15m]) > 0`,
      labels: { severity: "warning" },
      annotations: {
        summary: "The sink {{ $labels.sink }} does not take some events",
        description:
          "They are in the file of dead letters, each with the reason, and are not sent again by themselves.",
      },
    },
    {
      alert: "KevRouteEventsDropped",
      expr: `increase(${table.dropped.name}[15m]) > 0`,
      labels: { severity: "warning" },
      annotations: {
        summary: "Events for the sink {{ $labels.sink }} are lost",
        description: "Its queue is full, and the routing file says onFull: drop.",
      },
    },
    {
      alert: "KevRouteSeriesFolded",
      expr: `increase(${table.folded.name}[1h]) > 0`,
      labels: { severity: "info" },
      annotations: {
        summary: "{{ $labels.metric }} has the most label sets that it may have",
        description:
          "What comes with another one is counted under _other. Who writes events with so many different reasons?",
      },
    },
    {
      alert: "KevWarningBurst",
      expr: `${warnings("10m")} > 50 and ${warnings("10m")} > 5 * ${warnings("1d")} / 144`,
      labels: { severity: "info" },
      annotations: {
        summary: "Many warnings in the namespace {{ $labels.namespace }}",
        description:
          "{{ $value | humanize }} Warning events in 10 minutes, more than five times as many as in the last day.",
      },
    },
  ];
  return { groups: [{ name: "kev-route", rules }] };
}

/** A rule file, as `promtool check rules` and Prometheus' `rule_files` take it. */
export function alertRulesYaml(): string {
  return stringify(alertRules(), { lineWidth: 0 });
}
