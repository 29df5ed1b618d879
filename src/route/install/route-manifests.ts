import type { KubeObject } from "../../events/event.ts";
import { appLabels, restrictedNamespace, serviceMonitor } from "../../kube/install-parts.ts";
import { stateFile } from "../../kube/stateful-program.ts";
import { alertRules } from "../metrics/alert-rules.ts";
import type { Compat } from "../metrics/compat-metrics.ts";
import { routeDashboard } from "../metrics/route-dashboard.ts";
import { type ObjectResources, routeRbac } from "./route-rbac.ts";
import { type RouteWorkloadOptions, routeWorkload } from "./route-workload.ts";

/** A router in the cluster. */
export interface RouteManifestsOptions extends RouteWorkloadOptions {
  /** Of all objects; default `kev-route`. */
  name?: string | undefined;
  /** Default `kev-route`. */
  namespace?: string | undefined;
  /** Whether the namespace is made. Default: when none is named; what is there already is not the router's to change. */
  createNamespace?: boolean | undefined;
  /** Whose events are followed; default: those of all namespaces. */
  eventsNamespace?: string | undefined;
  /** Objects that the router may read, for routing files that ask for their labels, annotations or owners; default none. */
  objects?: ObjectResources | undefined;
  /**
   * `none`, or `postgres://…` without a password, which then all replicas share; default: a file on a volume of each
   * replica. One that takes over with a file of its own sends again what the server still has, with the same ids.
   */
  state?: string | undefined;
  fromNow?: boolean | undefined;
  /** A Go duration, as `--event-ttl`. */
  eventTtl?: string | undefined;
  compat?: readonly Compat[] | undefined;
  objectMetrics?: boolean | undefined;
  /** Objects of the Prometheus operator; default none. */
  serviceMonitor?: boolean | undefined;
  prometheusRule?: boolean | undefined;
  /** A ConfigMap that Grafana's sidecar finds by its label `grafana_dashboard`; default none. */
  dashboard?: boolean | undefined;
}

/** The objects that install a router, in the order in which they are to be applied. Pure. */
export function routeManifests(options: RouteManifestsOptions): KubeObject[] {
  const { name = "kev-route", namespace = "kev-route", replicas = 1, state } = options;
  const account = { name, namespace };
  const { eventsNamespace, objects } = options;
  const lease = replicas > 1 ? name : undefined;
  return [
    ...((options.createNamespace ?? options.namespace === undefined) ? [restrictedNamespace(namespace)] : []),
    ...routeRbac({ ...account, eventsNamespace, objects, lease }),
    ...routeWorkload({ ...options, ...account, hasVolume: state === undefined }, routeFlags(options, account, lease)),
    // The label `namespace` of events is that of their objects, and not the router's.
    ...(options.serviceMonitor ? [serviceMonitor(account, { honorLabels: true })] : []),
    ...(options.prometheusRule ? [prometheusRule(account)] : []),
    ...(options.dashboard ? [dashboard(account)] : []),
  ];
}

interface Account {
  name: string;
  namespace: string;
}

/** The flags of `kev route` beside its routing file. */
function routeFlags(
  { state = stateFile, port = 9102, compat = [], ...options }: RouteManifestsOptions,
  { namespace }: Account,
  lease: string | undefined,
): string[] {
  const values = {
    namespace: options.eventsNamespace,
    state,
    listen: `:${port}`,
    "event-ttl": options.eventTtl,
    compat: compat.length > 0 ? compat.join(",") : undefined,
    "leader-elect-resource-name": lease,
    "leader-elect-resource-namespace": lease && namespace,
  };
  const switches = {
    "from-now": options.fromNow,
    "object-metrics": options.objectMetrics,
    "leader-elect": lease !== undefined,
  };
  return [
    ...Object.entries(values).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}=${value}`])),
    ...Object.entries(switches).flatMap(([flag, isOn]) => (isOn ? [`--${flag}`] : [])),
  ];
}

/** Source: https://prometheus-operator.dev/docs/api-reference/api/. */
function prometheusRule({ name, namespace }: Account): KubeObject {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PrometheusRule",
    metadata: { name, namespace, labels: appLabels(name) },
    spec: alertRules(),
  };
}

function dashboard({ name, namespace }: Account): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: `${name}-dashboard`, namespace, labels: { ...appLabels(name), grafana_dashboard: "1" } },
    data: { "kev-route.json": `${JSON.stringify(routeDashboard(), null, 2)}\n` },
  };
}
