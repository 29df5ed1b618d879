import type { KubeObject } from "../events/event.ts";
import {
  appLabels,
  containerParts,
  disruptionBudget,
  type PodOptions,
  podParts,
  podSecurity,
  spreadParts,
} from "../kube/install-parts.ts";

/** The Pods of a gate in the cluster. */
export interface GateWorkloadOptions extends PodOptions {
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
  const labels = appLabels(name);
  const metadata = { name, namespace, labels };
  const selector = { matchLabels: labels };
  return [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata,
      spec: { selector: labels, ports: [{ name: "https", port: 443, targetPort: "https" }] },
    },
    disruptionBudget({ name, namespace }),
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
  const { name, secretName, port = 8443, shutdownDelaySeconds = 5 } = options;
  const probe = (path: string) => ({ httpGet: { path, port: "https", scheme: "HTTPS" } });
  return {
    ...podParts(options),
    terminationGracePeriodSeconds: shutdownDelaySeconds + drainSeconds,
    ...spreadParts(name),
    securityContext: podSecurity,
    containers: [
      {
        name: "gate",
        ...containerParts(options),
        args: ["gate", "serve", "--tls-cert-file=/tls/tls.crt", "--tls-private-key-file=/tls/tls.key", ...flags],
        ports: [{ name: "https", containerPort: port }],
        livenessProbe: { ...probe("/healthz"), timeoutSeconds: 5 },
        // A gate that trusts no decision yet, or has not read them, is asked nothing.
        readinessProbe: { ...probe("/readyz"), periodSeconds: 5, timeoutSeconds: 3 },
        volumeMounts: [{ name: "tls", mountPath: "/tls", readOnly: true }],
      },
    ],
    volumes: [{ name: "tls", secret: { secretName } }],
  };
}
