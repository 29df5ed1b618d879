import type { MetricDefinition } from "../metrics/metric-definition.ts";

/** Every metric of a tracker but for those of Node itself (`process_…`, `nodejs_…`). */
export const trackMetricTable = {
  changes: {
    name: "kev_track_changes_total",
    type: "counter",
    help: "Changes found, each of which is an event to be written; verb is created, changed or deleted",
    labels: ["type", "verb"],
  },
  written: {
    name: "kev_track_events_written_total",
    type: "counter",
    help: "Events that the API server has stored",
    labels: ["reason"],
  },
  dropped: {
    name: "kev_track_events_dropped_total",
    type: "counter",
    help: "Events that the API server has refused for good, or that were lost at the end without a state",
    labels: ["reason"],
  },
  retries: {
    name: "kev_track_write_retries_total",
    type: "counter",
    help: "Events that could not be written and are tried again; nothing is lost by them",
    labels: ["reason"],
  },
  delay: {
    name: "kev_track_write_delay_seconds",
    type: "histogram",
    help: "Time from when a change was seen to when its event was stored, --debounce in it",
    labels: [],
    unit: "seconds",
    buckets: [0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  },
  pending: {
    name: "kev_track_pending_objects",
    type: "gauge",
    help: "Objects with changes that are not an event yet",
    labels: [],
  },
  waiting: {
    name: "kev_track_outbox_events",
    type: "gauge",
    help: "Events that wait to be written",
    labels: [],
  },
  oldest: {
    name: "kev_track_outbox_oldest_seconds",
    type: "gauge",
    help: "Time since the change was seen that the oldest of them is about; 0 when there is none",
    labels: [],
    unit: "seconds",
  },
  watching: {
    name: "kev_track_watching",
    type: "gauge",
    help: "1 while the type is followed; 0 before its first list is complete and while it cannot be read",
    labels: ["type"],
    unit: "boolean",
  },
  lists: {
    name: "kev_track_lists_total",
    type: "counter",
    help: "Lists of a type: at the start, because the server had forgotten where the watch stood, or after an error",
    labels: ["type", "cause"],
  },
  disconnects: {
    name: "kev_track_disconnects_total",
    type: "counter",
    help: "Lists and watches that failed and are tried again",
    labels: ["type", "during", "reason"],
  },
  storeFailures: {
    name: "kev_track_state_failures_total",
    type: "counter",
    help: "Reads and writes of the state that failed and are tried again; nothing goes on meanwhile",
    labels: [],
  },
  buildInfo: {
    name: "kev_build_info",
    type: "gauge",
    help: "Always 1; the label says which version of kev this is",
    labels: ["version"],
  },
} as const satisfies Record<string, MetricDefinition>;
