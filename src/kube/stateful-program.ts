import type { KubeObject } from "../events/event.ts";
import { appLabels } from "./install-parts.ts";
import { programService, stateFolder } from "./program-pod.ts";

/** Where a program's state is in its container. */
export const stateFile = `${stateFolder}/state.db`;

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
    programService({ name, namespace }, port),
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
