import type { KubeEvent } from "../events/event.ts";
import type { Delivery } from "./delivery.ts";
import { plainId } from "./plain-id.ts";

// https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
// GKE's own export of events, whose resources and severities these are:
// https://github.com/GoogleCloudPlatform/k8s-stackdriver/tree/master/event-exporter/sinks/stackdriver

/** Where the cluster is, as Google Cloud names it. */
export interface CloudCluster {
  readonly project: string;
  readonly location: string;
  readonly cluster: string;
}

/** https://cloud.google.com/monitoring/api/resources#tag_k8s_cluster and those beside it. */
export interface MonitoredResource {
  readonly type: "k8s_cluster" | "k8s_pod" | "k8s_node";
  readonly labels: Readonly<Record<string, string>>;
}

export interface CloudLogEntry {
  /** Entries with the same id and timestamp are one to a query. */
  readonly insertId: string;
  readonly timestamp: string;
  readonly severity: "INFO" | "WARNING";
  readonly resource: MonitoredResource;
  readonly labels: Readonly<Record<string, string>>;
  /** The event, and what is known of its object. */
  readonly jsonPayload: Record<string, unknown>;
}

export function cloudLogEntry(delivery: Delivery, cluster: CloudCluster): CloudLogEntry {
  const { id, verb, delta, count, time, replayed, event, object } = delivery;
  return {
    insertId: plainId(id),
    timestamp: time,
    severity: event.type === "Warning" ? "WARNING" : "INFO",
    resource: resourceOf(event, cluster),
    labels: {
      "kev.dev/id": id,
      "kev.dev/verb": verb,
      "kev.dev/delta": String(delta),
      "kev.dev/count": String(count),
      ...(replayed ? { "kev.dev/replayed": "true" } : {}),
      ...(delivery.cluster?.name ? { "kev.dev/cluster": delivery.cluster.name } : {}),
    },
    jsonPayload: { ...event, ...(object ? { object } : {}) },
  };
}

/** Namespaces in which Kubernetes itself writes the events of nodes. */
const nodeNamespaces = new Set(["default", "kube-system", "kube-node-lease"]);

/**
 * The pod or node that the event is about, else the cluster. Who may write events in one namespace can say that they are
 * about a pod of another, or about a node; such words do not put them among that one's logs.
 */
function resourceOf({ metadata, involvedObject: about }: KubeEvent, cluster: CloudCluster): MonitoredResource {
  const labels = { project_id: cluster.project, location: cluster.location, cluster_name: cluster.cluster };
  const { namespace = "" } = metadata;
  if (about.kind === "Pod" && about.name && namespace !== "" && namespace === about.namespace) {
    return { type: "k8s_pod", labels: { ...labels, namespace_name: namespace, pod_name: about.name } };
  }
  if (about.kind === "Node" && about.name && nodeNamespaces.has(namespace)) {
    return { type: "k8s_node", labels: { ...labels, node_name: about.name } };
  }
  return { type: "k8s_cluster", labels };
}
