import type { MetricDefinition } from "../../metrics/metric-definition.ts";

/** Every metric of a probe but for those of Node itself (`process_…`, `nodejs_…`). `target` is the name of a target. */
export const probeMetricTable = {
  up: {
    name: "kev_probe_up",
    type: "gauge",
    help: "1 while the target is up, 0 while it is down; not there before that is known",
    labels: ["target"],
    unit: "boolean",
  },
  outageStart: {
    name: "kev_probe_outage_start_timestamp_seconds",
    type: "gauge",
    help: "When the outage that goes on began, in seconds since 1970; 0 while there is none",
    labels: ["target"],
    unit: "timestamp",
  },
  checks: {
    name: "kev_probe_checks_total",
    type: "counter",
    help: "Checks by what came of them: ok, or why they failed (dns, connect, tls, timeout, cut, protocol, status, body, redirect)",
    labels: ["target", "outcome"],
  },
  duration: {
    name: "kev_probe_duration_seconds",
    type: "gauge",
    help: "Time of the last check",
    labels: ["target"],
    unit: "seconds",
  },
  status: {
    name: "kev_probe_http_status_code",
    type: "gauge",
    help: "HTTP status of the last answer; 0 when there was none",
    labels: ["target"],
  },
  certificate: {
    name: "kev_probe_certificate_expiry_timestamp_seconds",
    type: "gauge",
    help: "When the certificate that was seen last runs out, in seconds since 1970",
    labels: ["target"],
    unit: "timestamp",
  },
  waiting: {
    name: "kev_probe_waiting_occurrences",
    type: "gauge",
    help: "Failed checks and recoveries that no event tells of yet",
    labels: [],
  },
  written: {
    name: "kev_probe_events_written_total",
    type: "counter",
    help: "Events that were created or counted up",
    labels: ["reason"],
  },
  writeFailures: {
    name: "kev_probe_event_write_failures_total",
    type: "counter",
    help: "Writes of events that failed and are tried again; nothing is lost by them",
    labels: ["reason"],
  },
  lost: {
    name: "kev_probe_lost_occurrences_total",
    type: "counter",
    help: "Occurrences that no event will tell of",
    labels: ["reason"],
  },
  targets: {
    name: "kev_probe_targets",
    type: "gauge",
    help: "Targets that are probed",
    labels: [],
  },
  buildInfo: {
    name: "kev_build_info",
    type: "gauge",
    help: "Always 1; the label says which version of kev this is",
    labels: ["version"],
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
