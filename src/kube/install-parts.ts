import { createHash } from "node:crypto";
import type { KubeObject } from "../events/event.ts";

// Parts of the manifests that install kev's own programs.

const group = "rbac.authorization.k8s.io";

/** Pods that run kev. */
export interface PodOptions {
  /** One that runs kev, as docs/Dockerfile makes it. */
  image: string;
  imagePullPolicy?: string | undefined;
  /** Names of Secrets. */
  imagePullSecrets?: readonly string[] | undefined;
  /** Quantities; default 50m. */
  cpuRequest?: string | undefined;
  /** Default 128Mi. */
  memoryRequest?: string | undefined;
  /** Default 512Mi. */
  memoryLimit?: string | undefined;
  nodeSelector?: Readonly<Record<string, string>> | undefined;
  priorityClassName?: string | undefined;
}

/** One rule of a Role. */
export interface RbacRule {
  apiGroups: readonly string[];
  resources: readonly string[];
  resourceNames?: readonly string[] | undefined;
  verbs: readonly string[];
}

/** The labels of a program's own objects, by which its Service and its disruption budget find its Pods. */
export function appLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

/** A namespace whose Pods are held to the strictest level: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
export function restrictedNamespace(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}

/** Of the same name as all that is bound to it. */
export interface AccountOptions {
  name: string;
  /** Of the ServiceAccount. */
  namespace: string;
}

export function serviceAccount({ name, namespace }: AccountOptions): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, labels: appLabels(name), namespace } };
}

/**
 * A role and its binding to the ServiceAccount NAMESPACE/NAME.
 *
 * @param place in which namespace the rights are, as a Role; undefined: everywhere, as a ClusterRole
 * @param roleName default: the account's name, behind its namespace where that is called otherwise and the rights are not
 *   in it: another install of that name, in a namespace of its own, has its own
 */
export function rights(
  { name, namespace }: AccountOptions,
  rules: readonly RbacRule[],
  { place, roleName: given }: { place?: string | undefined; roleName?: string | undefined } = {},
): KubeObject[] {
  const roleName = given ?? (place === namespace || name === namespace ? name : `${namespace}:${name}`);
  const kind = place === undefined ? "ClusterRole" : "Role";
  const metadata = {
    name: roleName,
    labels: appLabels(name),
    ...(place !== undefined && { namespace: place }),
  };
  return [
    { apiVersion: `${group}/v1`, kind, metadata, rules: [...rules] },
    {
      apiVersion: `${group}/v1`,
      kind: `${kind}Binding`,
      metadata,
      roleRef: { apiGroup: group, kind, name: roleName },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}

/** The part of a Pod's spec that every program of kev's shares; its container is for {@link containerParts}. */
export function podParts(options: PodOptions & { name: string }) {
  const { name, imagePullSecrets = [], nodeSelector, priorityClassName } = options;
  return {
    serviceAccountName: name,
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })) }),
    ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
    ...(priorityClassName && { priorityClassName }),
  };
}

/** What lets a Pod in where only the strictest are; `podSecurity` is of the Pod, `securityContext` of its container. */
export const podSecurity = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };

export function containerParts(options: PodOptions) {
  return {
    image: options.image,
    ...(options.imagePullPolicy && { imagePullPolicy: options.imagePullPolicy }),
    resources: {
      requests: { cpu: options.cpuRequest ?? "50m", memory: options.memoryRequest ?? "128Mi" },
      limits: { memory: options.memoryLimit ?? "512Mi" },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}

/** Keeps the Pods apart where that is possible. */
export function spreadParts(name: string) {
  const spread = (topologyKey: string) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: appLabels(name) },
  });
  return { topologySpreadConstraints: [spread("kubernetes.io/hostname"), spread("topology.kubernetes.io/zone")] };
}

/** One Pod at a time may be taken from its node. */
export function disruptionBudget({ name, namespace }: AccountOptions): KubeObject {
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name, namespace, labels: appLabels(name) },
    // One that is not ready does not keep its node from being drained: without the policy none is.
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: "AlwaysAllow",
      selector: { matchLabels: appLabels(name) },
    },
  };
}

/** What has the Prometheus operator read a program's Service. Source: https://prometheus-operator.dev/docs/api-reference/api/. */
export function serviceMonitor({ name, namespace }: AccountOptions, endpoint: object = {}): KubeObject {
  const labels = appLabels(name);
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "ServiceMonitor",
    metadata: { name, namespace, labels },
    spec: { selector: { matchLabels: labels }, endpoints: [{ port: "metrics", ...endpoint }] },
  };
}

/** For an annotation of Pods that are to be made anew when a file of theirs changes. */
export function fileDigest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
