import type { KubeObject } from "../../events/event.ts";
import {
  type AccountOptions,
  type PodOptions,
  type RbacRule,
  restrictedNamespace,
  rights,
  serviceAccount,
  serviceMonitor,
} from "../../kube/install-parts.ts";
import { programPod } from "../../kube/program-pod.ts";
import { qualifiedName, type ResourceType } from "../../kube/resource-type.ts";
import { programSet, stateFile } from "../../kube/stateful-program.ts";

/** A tracker in the cluster. */
export interface TrackManifestsOptions extends PodOptions {
  readonly types: readonly Pick<ResourceType, "group" | "plural" | "namespaced">[];
  /** Of all objects; default `kev-track`. */
  name?: string | undefined;
  /** Default `kev-track`. */
  namespace?: string | undefined;
  /** Whether the namespace is made. Default: when none is named; what is there already is not the tracker's to change. */
  createNamespace?: boolean | undefined;
  /** Whose objects are tracked; default: those of all namespaces. */
  objectsNamespace?: string | undefined;
  /** `none`: nothing is remembered; default: a file on a volume. */
  state?: "none" | undefined;
  /** Size of the volume, a quantity; default 2Gi. */
  storage?: string | undefined;
  /** Default: the cluster's. */
  storageClass?: string | undefined;
  /** Where metrics and health are; default 9104. */
  port?: number | undefined;
  /** Of the Prometheus operator; default none. */
  serviceMonitor?: boolean | undefined;
  /** More flags of `kev track`, as `--debounce=5s`. */
  flags?: readonly string[] | undefined;
}

/** The objects that install a tracker, in the order in which they are to be applied. Pure. */
export function trackManifests(options: TrackManifestsOptions): KubeObject[] {
  const { name = "kev-track", namespace = "kev-track", types, objectsNamespace, state, port = 9104 } = options;
  const account = { name, namespace };
  const args = [
    "track",
    ...types.map(qualifiedName),
    ...(objectsNamespace === undefined ? [] : [`--namespace=${objectsNamespace}`]),
    `--state=${state ?? stateFile}`,
    `--listen=:${port}`,
    ...(options.flags ?? []),
  ];
  const hasVolume = state === undefined;
  return [
    ...((options.createNamespace ?? options.namespace === undefined) ? [restrictedNamespace(namespace)] : []),
    ...trackRbac(account, types, objectsNamespace),
    ...programSet({
      ...options,
      ...account,
      hasVolume,
      port: 9104,
      podSpec: programPod({ ...options, name, hasVolume, container: "track", port, args }),
    }),
    ...(options.serviceMonitor ? [serviceMonitor(account)] : []),
  ];
}

/** A tracker's identity and what it may do: list and watch its types, create events, and know which cluster it is in. */
function trackRbac(
  account: AccountOptions,
  types: TrackManifestsOptions["types"],
  objectsNamespace: string | undefined,
): KubeObject[] {
  const identity: RbacRule = {
    apiGroups: [""],
    resources: ["namespaces"],
    resourceNames: ["kube-system"],
    verbs: ["get"],
  };
  const write: RbacRule = { apiGroups: [""], resources: ["events"], verbs: ["create"] };
  if (objectsNamespace === undefined) {
    return [serviceAccount(account), ...rights(account, [...readRules(types), write, identity])];
  }
  // Of types without a namespace, the events are in `default`.
  const [placed, free] = [types.filter(({ namespaced }) => namespaced), types.filter(({ namespaced }) => !namespaced)];
  const places = new Map<string, RbacRule[]>();
  if (placed.length > 0) places.set(objectsNamespace, [...readRules(placed), write]);
  if (free.length > 0 && !places.has("default")) places.set("default", [write]);
  return [
    serviceAccount(account),
    ...rights(account, [...readRules(free), identity]),
    ...[...places].flatMap(([place, rules]) => rights(account, rules, { place })),
  ];
}

function readRules(types: TrackManifestsOptions["types"]): RbacRule[] {
  const groups = new Map<string, string[]>();
  for (const { group, plural } of types) groups.set(group, [...(groups.get(group) ?? []), plural]);
  return [...groups].map(([group, resources]) => ({ apiGroups: [group], resources, verbs: ["list", "watch"] }));
}
