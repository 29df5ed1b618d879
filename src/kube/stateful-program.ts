import type { KubeObject } from "../events/event.ts";
import { appLabels, containerParts, type PodOptions, podParts, podSecurity } from "./install-parts.ts";

const stateFolder = "/var/lib/kev";
/** Where a program's state is in its container. */
export const stateFile = `${stateFolder}/state.db`;

/** The user of docs/Dockerfile, whose group owns the volume. */
const group = 65_532;

export interface ProgramPodOptions extends PodOptions {
  readonly name: string;
  /** Name of the container. */
  readonly container: string;
  readonly args: readonly string[];
  readonly hasVolume: boolean;
  /** Where metrics and health are. */
  readonly port: number;
  /** More members of the container. */
  readonly containerMembers?: Readonly<Record<string, unknown>> | undefined;
  /** More mounts, and their volumes. */
  readonly mounts?: readonly object[] | undefined;
}

/** The Pod of a program that runs for days: metrics and health at one port, and a volume for its state. */
export function programPod(options: ProgramPodOptions): Record<string, unknown> {
  const { container, args, hasVolume, port, mounts: more = [] } = options;
  const probe = (path: string) => ({ httpGet: { path, port: "metrics" }, timeoutSeconds: 5 });
  const mounts = [...more, ...(hasVolume ? [{ name: "state", mountPath: stateFolder }] : [])];
  return {
    ...podParts(options),
    securityContext: {
      ...podSecurity,
      ...(hasVolume && { fsGroup: group, fsGroupChangePolicy: "OnRootMismatch" }),
    },
    containers: [
      {
        name: container,
        ...containerParts(options),
        args: [...args],
        ...options.containerMembers,
        ports: [{ name: "metrics", containerPort: port }],
        livenessProbe: probe("/healthz"),
        readinessProbe: probe("/readyz"),
        ...(mounts.length > 0 && { volumeMounts: mounts }),
      },
    ],
  };
}

export interface ProgramSetOptions {
  readonly name: string;
  readonly namespace: string;
  /** Default 1. */
  readonly replicas?: number | undefined;
  readonly hasVolume: boolean;
  /** Size of the volume of each replica, a quantity; default 2Gi. */
  readonly storage?: string | undefined;
  /** Default: the cluster's. */
  readonly storageClass?: string | undefined;
  /** The Service's. */
  readonly port: number;
  readonly podSpec: Readonly<Record<string, unknown>>;
  /** Of the Pods. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** The Service and the StatefulSet of a program that runs for days. */
export function programSet(options: ProgramSetOptions): [service: KubeObject, set: KubeObject] {
  const {
    name,
    namespace,
    replicas = 1,
    storage = "2Gi",
    storageClass,
    hasVolume,
    port,
    podSpec,
    annotations,
  } = options;
  const labels = appLabels(name);
  const metadata = { name, namespace, labels };
  const claim = {
    metadata: { name: "state" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      ...(storageClass !== undefined && { storageClassName: storageClass }),
      resources: { requests: { storage } },
    },
  };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        // A StatefulSet wants one without an address.
        clusterIP: "None",
        // Metrics of a program that has its troubles are the ones to see.
        publishNotReadyAddresses: true,
        selector: labels,
        ports: [{ name: "metrics", port, targetPort: "metrics" }],
      },
    },
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata,
      spec: {
        serviceName: name,
        replicas,
        selector: { matchLabels: labels },
        // One that cannot be ready, since its sink's secret is wrong, say, does not keep the others from starting.
        podManagementPolicy: "Parallel",
        template: { metadata: { labels, ...(annotations && { annotations: { ...annotations } }) }, spec: podSpec },
        ...(hasVolume && { volumeClaimTemplates: [claim] }),
      },
    },
  ];
}
