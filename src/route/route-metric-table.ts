import type { MetricDefinition } from "../metrics/metric-definition.ts";

/** Every metric of a router but for those of Node itself (`process_…`, `nodejs_…`). */
export const routeMetricTable = {
  events: {
    name: "kev_events_total",
    type: "counter",
    help: "Occurrences of events taken in, whatever becomes of them; the namespace is the object's",
    labels: ["namespace", "kind", "reason", "type", "component"],
  },
  forgotten: {
    name: "kev_events_forgotten_total",
    type: "counter",
    help: "Events that the server does not have any more: expired, or deleted",
    labels: [],
  },
  folded: {
    name: "kev_metrics_folded_total",
    type: "counter",
    help: "Counted under _other, or not at all, because the metric had the most label sets already",
    labels: ["metric"],
  },
  sent: {
    name: "kev_sink_sent_total",
    type: "counter",
    help: "Deliveries that the sink has taken",
    labels: ["sink"],
  },
  sendDuration: {
    name: "kev_sink_send_duration_seconds",
    type: "histogram",
    help: "Time of the sends that the sink has taken, each a batch",
    labels: ["sink"],
    unit: "seconds",
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  retries: {
    name: "kev_sink_retries_total",
    type: "counter",
    help: "Sends that failed and are tried again; nothing is lost by them",
    labels: ["sink", "reason"],
  },
  fallbacks: {
    name: "kev_sink_fallbacks_total",
    type: "counter",
    help: "Deliveries handed to the sink's fallback",
    labels: ["sink"],
  },
  deadLetters: {
    name: "kev_sink_dead_letters_total",
    type: "counter",
    help: "Deliveries written to the sink's file of dead letters, and sent nowhere",
    labels: ["sink"],
  },
  dropped: {
    name: "kev_sink_dropped_total",
    type: "counter",
    help: "Deliveries lost, as the routing file asks for",
    labels: ["sink", "reason"],
  },
  queued: {
    name: "kev_sink_queue_events",
    type: "gauge",
    help: "Deliveries that wait for the sink",
    labels: ["sink"],
  },
  queuedBytes: {
    name: "kev_sink_queue_bytes",
    type: "gauge",
    help: "Size of the deliveries that wait for the sink, as JSON",
    labels: ["sink"],
    unit: "bytes",
  },
  oldest: {
    name: "kev_sink_oldest_unacknowledged_seconds",
    type: "gauge",
    help: "Age of the oldest delivery that waits for the sink; 0 when none does",
    labels: ["sink"],
    unit: "seconds",
  },
  failing: {
    name: "kev_sink_failing",
    type: "gauge",
    help: "1 while the last send to the sink failed, else 0",
    labels: ["sink"],
    unit: "boolean",
  },
  watching: {
    name: "kev_watching",
    type: "gauge",
    help: "1 while events are followed; 0 before the first list is complete and while the server cannot be reached",
    labels: [],
    unit: "boolean",
  },
  leader: {
    name: "kev_leader",
    type: "gauge",
    help: "1 while this replica leads, else 0; only with leader election",
    labels: [],
    unit: "boolean",
  },
  lists: {
    name: "kev_lists_total",
    type: "counter",
    help: "Lists of all events: at the start, because the server had forgotten where the watch stood, or after an error",
    labels: ["cause"],
  },
  disconnects: {
    name: "kev_disconnects_total",
    type: "counter",
    help: "Lists, watches and look-ups that failed and are tried again",
    labels: ["during", "reason"],
  },
  reconnects: {
    name: "kev_reconnects_total",
    type: "counter",
    help: "Watches that went on after a failure",
    labels: [],
  },
  storeFailures: {
    name: "kev_state_failures_total",
    type: "counter",
    help: "Writes of the state that failed and are tried again; nothing goes on meanwhile",
    labels: [],
  },
  gaps: {
    name: "kev_gaps_total",
    type: "counter",
    help: "Times in which events may have expired before they were seen",
    labels: [],
  },
  gapSeconds: {
    name: "kev_gap_seconds_total",
    type: "counter",
    help: "Length of those times",
    labels: [],
    unit: "seconds",
  },
  checkpointAge: {
    name: "kev_checkpoint_age_seconds",
    type: "gauge",
    help: "Time since everything was last known to be taken in; before the first list since the start",
    labels: [],
    unit: "seconds",
  },
  objectsCached: {
    name: "kev_objects_cached",
    type: "gauge",
    help: "Objects remembered for their labels, annotations and owners",
    labels: [],
  },
  objectHits: {
    name: "kev_object_cache_hits_total",
    type: "counter",
    help: "Objects asked for that were remembered",
    labels: [],
  },
  objectMisses: {
    name: "kev_object_cache_misses_total",
    type: "counter",
    help: "Objects asked for that had to be read",
    labels: [],
  },
  buildInfo: {
    name: "kev_build_info",
    type: "gauge",
    help: "Always 1; the label says which version of kev this is",
    labels: ["version"],
  },
} as const satisfies Record<string, MetricDefinition>;

/** The label that is added to `kev_events_total` where the names of objects are asked for. */
export const objectNameLabel = "name";
