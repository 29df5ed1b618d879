import type { KubeObject } from "../events/event.ts";
import {
  type AccountOptions,
  appLabels,
  containerParts,
  type PodOptions,
  podParts,
  podSecurity,
} from "./install-parts.ts";

export const stateFolder = "/var/lib/kev";

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

/** Where metrics and health of a program are asked for, one Pod or several. */
export function programService({ name, namespace }: AccountOptions, port: number): KubeObject {
  const labels = appLabels(name);
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace, labels },
    spec: {
      // A StatefulSet wants one without an address.
      clusterIP: "None",
      // Metrics of a program that has its troubles are the ones to see.
      publishNotReadyAddresses: true,
      selector: labels,
      ports: [{ name: "metrics", port, targetPort: "metrics" }],
    },
  };
}
