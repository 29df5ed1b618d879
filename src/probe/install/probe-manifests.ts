import type { KubeObject } from "../../events/event.ts";
import {
  appLabels,
  containerParts,
  fileDigest,
  type PodOptions,
  podParts,
  podSecurity,
  type RbacRule,
  restrictedNamespace,
  rights,
  serviceAccount,
  serviceMonitor,
} from "../../kube/install-parts.ts";

/** An object that a probe writes events about. */
export interface ProbedObject {
  /** Empty for core. */
  readonly group: string;
  readonly plural: string;
  readonly name: string;
  /** Undefined for cluster-scoped ones, whose events are in `default`. */
  readonly namespace: string | undefined;
  /** Whether it says itself what to probe, and is followed. */
  readonly isFollowed: boolean;
}

/** A probe in the cluster. */
export interface ProbeManifestsOptions extends PodOptions {
  /** The file of targets. */
  readonly targets: string;
  /** What its targets are on. */
  readonly objects: readonly ProbedObject[];
  /** Of all objects; default `kev-probe`. */
  readonly name?: string | undefined;
  /** Default `kev-probe`. */
  readonly namespace?: string | undefined;
  /** Whether the namespace is made. Default: when none is named. */
  readonly createNamespace?: boolean | undefined;
  /** Secrets whose members are environment variables of the Pod. */
  readonly envFromSecrets?: readonly string[] | undefined;
  /** Of objects that the file names without a namespace; default: the probe's own. */
  readonly targetsNamespace?: string | undefined;
  /** A Go duration, as `--write-every`. */
  readonly writeEvery?: string | undefined;
  /** Where metrics and health are; default 9103. */
  readonly port?: number | undefined;
  /** Of the Prometheus operator; default none. */
  readonly serviceMonitor?: boolean | undefined;
}

/** Where the file is in the container. */
const file = "/etc/kev/targets.yaml";

/** The objects that install a probe, in the order in which they are to be applied. Pure. */
export function probeManifests(options: ProbeManifestsOptions): KubeObject[] {
  const { name = "kev-probe", namespace = "kev-probe", targets } = options;
  const account = { name, namespace };
  const metadata = { ...account, labels: appLabels(name) };
  return [
    ...((options.createNamespace ?? options.namespace === undefined) ? [restrictedNamespace(namespace)] : []),
    serviceAccount(account),
    ...probeRights(account, options.objects),
    { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "targets.yaml": targets } },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: {
        clusterIP: "None",
        // Metrics of a probe that has its troubles are the ones to see.
        publishNotReadyAddresses: true,
        selector: appLabels(name),
        ports: [{ name: "metrics", port: 9103, targetPort: "metrics" }],
      },
    },
    deployment(options, account),
    ...(options.serviceMonitor ? [serviceMonitor(account)] : []),
  ];
}

/** Reading the objects by their names, and events where they are. */
function probeRights(account: { name: string; namespace: string }, objects: readonly ProbedObject[]): KubeObject[] {
  const events: RbacRule = { apiGroups: [""], resources: ["events"], verbs: ["create", "get", "list", "patch"] };
  const places = [...new Set(objects.map(({ namespace = "default" }) => namespace))].sort();
  const clusterScoped = objects.filter(({ namespace }) => namespace === undefined);
  return [
    ...(clusterScoped.length > 0 ? rights(account, readRules(clusterScoped)) : []),
    ...places.flatMap((place) =>
      rights(account, [...readRules(objects.filter(({ namespace }) => namespace === place)), events], { place }),
    ),
  ];
}

function readRules(objects: readonly ProbedObject[]): RbacRule[] {
  const rules = new Map<string, RbacRule>();
  for (const { group, plural, name, isFollowed } of objects) {
    const key = JSON.stringify([group, plural, isFollowed]);
    const names = new Set([...(rules.get(key)?.resourceNames ?? []), name]);
    const verbs = isFollowed ? ["get", "list", "watch"] : ["get"];
    rules.set(key, { apiGroups: [group], resources: [plural], resourceNames: [...names], verbs });
  }
  return [...rules.values()];
}

function deployment(options: ProbeManifestsOptions, account: { name: string; namespace: string }): KubeObject {
  const { targets, envFromSecrets = [], port = 9103, targetsNamespace, writeEvery } = options;
  const { name, namespace } = account;
  const labels = appLabels(name);
  const probe = (path: string) => ({ httpGet: { path, port: "metrics" }, timeoutSeconds: 5 });
  const flags = {
    filename: file,
    namespace: targetsNamespace ?? namespace,
    listen: `:${port}`,
    "write-every": writeEvery,
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { ...account, labels },
    spec: {
      replicas: 1,
      // Two at a time would count each failed check twice.
      strategy: { type: "Recreate" },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "kev.dev/targets": fileDigest(targets) } },
        spec: {
          ...podParts({ ...options, name }),
          securityContext: podSecurity,
          containers: [
            {
              name: "probe",
              ...containerParts(options),
              args: [
                "probe",
                ...Object.entries(flags).flatMap(([flag, value]) =>
                  value === undefined ? [] : [`--${flag}=${value}`],
                ),
              ],
              ...(envFromSecrets.length > 0 && {
                envFrom: envFromSecrets.map((secret) => ({ secretRef: { name: secret } })),
              }),
              ports: [{ name: "metrics", containerPort: port }],
              livenessProbe: probe("/healthz"),
              readinessProbe: probe("/readyz"),
              volumeMounts: [{ name: "targets", mountPath: "/etc/kev", readOnly: true }],
            },
          ],
          volumes: [{ name: "targets", configMap: { name } }],
        },
      },
    },
  };
}
