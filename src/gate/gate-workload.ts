import type { KubeObject } from "../events/event.ts";
import { gateLabels } from "./gate-defaults.ts";

/** The Pods of a gate in the cluster. */
export interface GateWorkloadOptions {
  /** One that runs kev, as docs/Dockerfile makes it. */
  image: string;
  /** Of all objects but the roles for people and the policy; default `kev-gate`. */
  name?: string | undefined;
  /** Default `kev-gate`. */
  namespace?: string | undefined;
  /** Default 2. */
  replicas?: number | undefined;
  /** Where the container listens; default 8443. */
  port?: number | undefined;
  /** Of type kubernetes.io/tls; default NAME`-tls`. */
  secretName?: string | undefined;
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
  /** Seconds that a Pod goes on after SIGTERM; default 5. */
  shutdownDelaySeconds?: number | undefined;
}

/** Seconds that answers under way may take after the delay, and what is left over. */
const drainSeconds = 25;

/** The Service, the disruption budget and the Deployment that runs `kev gate serve` with `flags`. */
export function gateWorkload(
  options: GateWorkloadOptions & { name: string; namespace: string; secretName: string },
  flags: readonly string[],
): KubeObject[] {
  const { name, namespace, replicas = 2 } = options;
  const labels = gateLabels(name);
  const metadata = { name, namespace, labels };
  const selector = { matchLabels: labels };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
    },
    {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata,
      // One that is not ready does not keep its node from being drained: without the policy none is.
      spec: { maxUnavailable: 1, unhealthyPodEvictionPolicy: "AlwaysAllow", selector },
    },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: {
        replicas,
        selector,
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: { metadata: { labels }, spec: podSpec(options, flags) },
      },
    },
  ];
}

function podSpec(
  options: GateWorkloadOptions & { name: string; secretName: string },
  flags: readonly string[],
): Record<string, unknown> {
  const { name, secretName, port = 8443, shutdownDelaySeconds = 5, imagePullSecrets = [] } = options;
  const { nodeSelector, priorityClassName } = options;
  const probe = (path: string) => ({ httpGet: { path, port: "https", scheme: "HTTPS" } });
  const spread = (topologyKey: string) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: gateLabels(name) },
  });
  return {
    serviceAccountName: name,
    ...(imagePullSecrets.length > 0 && { imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })) }),
    ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
    ...(priorityClassName && { priorityClassName }),
    terminationGracePeriodSeconds: shutdownDelaySeconds + drainSeconds,
    topologySpreadConstraints: [spread("kubernetes.io/hostname"), spread("topology.kubernetes.io/zone")],
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: "gate",
        image: options.image,
        ...(options.imagePullPolicy && { imagePullPolicy: options.imagePullPolicy }),
        args: ["gate", "serve", "--tls-cert-file=/tls/tls.crt", "--tls-private-key-file=/tls/tls.key", ...flags],
        ports: [{ name: "https", containerPort: port }],
        livenessProbe: { ...probe("/healthz"), timeoutSeconds: 5 },
        // A gate that trusts no decision yet, or has not read them, is asked nothing.
        readinessProbe: { ...probe("/readyz"), periodSeconds: 5, timeoutSeconds: 3 },
        resources: {
          requests: { cpu: options.cpuRequest ?? "50m", memory: options.memoryRequest ?? "128Mi" },
          limits: { memory: options.memoryLimit ?? "512Mi" },
        },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [{ name: "tls", mountPath: "/tls", readOnly: true }],
      },
    ],
    volumes: [{ name: "tls", secret: { secretName } }],
  };
}
