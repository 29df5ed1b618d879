import type { KubeObject } from "../../events/event.ts";
import { appLabels, disruptionBudget, fileDigest, type PodOptions, spreadParts } from "../../kube/install-parts.ts";
import { programPod } from "../../kube/program-pod.ts";
import { programSet } from "../../kube/stateful-program.ts";

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

/** Of metrics and health. */
const usualPort = 9102;
/** Where the routing file is in the container. */
export const routesFile = "/etc/kev/routes.yaml";

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
  const { name, namespace, routes, replicas = 1 } = options;
  const metadata = { name, namespace, labels: appLabels(name) };
  const annotations = routes === undefined ? undefined : { "kev.dev/routes": fileDigest(routes) };
  const [service, set] = programSet({ ...options, port: usualPort, annotations, podSpec: podSpec(options, flags) });
  return [
    ...(routes === undefined
      ? []
      : [{ apiVersion: "v1", kind: "ConfigMap", metadata, data: { "routes.yaml": routes } }]),
    service,
    ...(replicas > 1 ? [disruptionBudget({ name, namespace })] : []),
    set,
  ];
}

function podSpec(
  options: RouteWorkloadOptions & { name: string; hasVolume: boolean },
  flags: readonly string[],
): Record<string, unknown> {
  const { name, routes, envFromSecrets = [], replicas = 1 } = options;
  const pod = programPod({
    ...options,
    port: options.port ?? usualPort,
    container: "route",
    args: ["route", ...(routes === undefined ? [] : [`--filename=${routesFile}`]), ...flags],
    containerMembers:
      envFromSecrets.length > 0 ? { envFrom: envFromSecrets.map((secret) => ({ secretRef: { name: secret } })) } : {},
    mounts: routes === undefined ? [] : [{ name: "routes", mountPath: "/etc/kev", readOnly: true }],
  });
  return {
    ...pod,
    ...(replicas > 1 && spreadParts(name)),
    ...(routes !== undefined && { volumes: [{ name: "routes", configMap: { name } }] }),
  };
}
