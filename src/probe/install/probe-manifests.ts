import type { KubeObject } from "../../events/event.ts";
import {
  type AccountOptions,
  appLabels,
  fileDigest,
  type PodOptions,
  type RbacRule,
  restrictedNamespace,
  rights,
  serviceAccount,
  serviceMonitor,
} from "../../kube/install-parts.ts";
import { programPod, programService } from "../../kube/program-pod.ts";

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

/** Of metrics and health. */
const usualPort = 9103;
/** Half of them look up names; each that nobody answers for holds one until the resolver gives up. */
const threads = "32";
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
    programService(account, usualPort),
    deployment(options, account),
    ...(options.serviceMonitor ? [serviceMonitor(account)] : []),
  ];
}

/** Reading the objects by their names, and events where they are. */
function probeRights(account: AccountOptions, objects: readonly ProbedObject[]): KubeObject[] {
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

function deployment(options: ProbeManifestsOptions, account: AccountOptions): KubeObject {
  const { targets, envFromSecrets = [], port = usualPort, targetsNamespace, writeEvery } = options;
  const { name, namespace } = account;
  const labels = appLabels(name);
  const flags = {
    filename: file,
    namespace: targetsNamespace ?? namespace,
    listen: `:${port}`,
    "write-every": writeEvery,
  };
  const given = Object.entries(flags).filter(([, value]) => value !== undefined);
  const pod = programPod({
    ...options,
    ...{ name, port, container: "probe", hasVolume: false },
    args: ["probe", ...given.map(([flag, value]) => `--${flag}=${value}`)],
    containerMembers: {
      env: [{ name: "UV_THREADPOOL_SIZE", value: threads }],
      ...(envFromSecrets.length > 0 && {
        envFrom: envFromSecrets.map((secret) => ({ secretRef: { name: secret } })),
      }),
    },
    mounts: [{ name: "targets", mountPath: "/etc/kev", readOnly: true }],
  });
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
        spec: { ...pod, volumes: [{ name: "targets", configMap: { name } }] },
      },
    },
  };
}
