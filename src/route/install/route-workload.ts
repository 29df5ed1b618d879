import type { KubeObject } from "../../events/event.ts";
import {
  appLabels,
  containerParts,
  disruptionBudget,
  fileDigest,
  type PodOptions,
  podParts,
  podSecurity,
  spreadParts,
} from "../../kube/install-parts.ts";

/** The Pods of a router. */
export interface RouteWorkloadOptions extends PodOptions {
  /** The routing file; undefined: every event to stdout. */
  routes?: string | undefined;
  /** Secrets whose members are environment variables of the Pods. */
  envFromSecrets?: readonly string[] | undefined;
  /** Default 1. */
  replicas?: number | undefined;
  /** Size of the volume of each replica, a quantity; default 2Gi. */
  storage?: string | undefined;
  /** Default: the cluster's. */
  storageClass?: string | undefined;
  /** Where metrics and health are; default 9102. */
  port?: number | undefined;
}

/** Where things are in the container. */
export const routesFile = "/etc/kev/routes.yaml";
const stateFolder = "/var/lib/kev";
export const stateFile = `${stateFolder}/state.db`;

/** The user of docs/Dockerfile, whose group owns the volume. */
const group = 65_532;

/**
 * The Service, the disruption budget of several replicas, the routing file and the StatefulSet that runs `kev route` with
 * `flags`.
 *
 * @param hasVolume whether each replica has a volume for its state
 */
export function routeWorkload(
  options: RouteWorkloadOptions & { name: string; namespace: string; hasVolume: boolean },
  flags: readonly string[],
): KubeObject[] {
  const { name, namespace, routes, replicas = 1, storage = "2Gi", storageClass, hasVolume } = options;
  const labels = appLabels(name);
  const metadata = { name, namespace, labels };
  const selector = { matchLabels: labels };
  const claim = {
    metadata: { name: "state" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage } },
    },
  };
  return [
    ...(routes === undefined
      ? []
      : [{ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "routes.yaml": routes } }]),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        // A StatefulSet wants one without an address.
        clusterIP: "None",
        // Metrics of a router that has its troubles are the ones to see.
        publishNotReadyAddresses: true,
        selector: labels,
        ports: [{ name: "metrics", port: 9102, targetPort: "metrics" }],
      },
    },
    ...(replicas > 1 ? [disruptionBudget({ name, namespace })] : []),
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        serviceName: name,
        replicas,
        selector,
        // One that cannot be ready, since its sink's secret is wrong, say, does not keep the others from starting.
        podManagementPolicy: "Parallel",
        template: {
          metadata: { labels, ...(routes !== undefined && { annotations: { "kev.dev/routes": fileDigest(routes) } }) },
          spec: podSpec(options, flags),
        },
        ...(hasVolume && { volumeClaimTemplates: [claim] }),
      },
    },
  ];
}

function podSpec(
  options: RouteWorkloadOptions & { name: string; hasVolume: boolean },
  flags: readonly string[],
): Record<string, unknown> {
  const { name, routes, envFromSecrets = [], port = 9102, hasVolume, replicas = 1 } = options;
  const probe = (path: string) => ({ httpGet: { path, port: "metrics" }, timeoutSeconds: 5 });
  const mounts = [
    ...(routes === undefined ? [] : [{ name: "routes", mountPath: "/etc/kev", readOnly: true }]),
    ...(hasVolume ? [{ name: "state", mountPath: stateFolder }] : []),
  ];
  return {
    ...podParts(options),
    ...(replicas > 1 && spreadParts(name)),
    securityContext: {
      ...podSecurity,
      ...(hasVolume && { fsGroup: group, fsGroupChangePolicy: "OnRootMismatch" }),
    },
    containers: [
      {
        name: "route",
        ...containerParts(options),
        args: ["route", ...(routes === undefined ? [] : [`--filename=${routesFile}`]), ...flags],
        ...(envFromSecrets.length > 0 && {
          envFrom: envFromSecrets.map((secret) => ({ secretRef: { name: secret } })),
        }),
        ports: [{ name: "metrics", containerPort: port }],
        livenessProbe: probe("/healthz"),
        readinessProbe: probe("/readyz"),
        ...(mounts.length > 0 && { volumeMounts: mounts }),
      },
    ],
    ...(routes !== undefined && { volumes: [{ name: "routes", configMap: { name } }] }),
  };
}
