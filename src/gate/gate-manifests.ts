import type { KubeObject } from "../events/event.ts";
import { restrictedNamespace } from "../kube/install-parts.ts";
import { decisionPolicy } from "./decision-policy.ts";
import { certificateObjects, type GateCertificate, injectedAuthority } from "./gate-certificate.ts";
import { defaultPolicyName } from "./gate-defaults.ts";
import { gateRbac, peopleRoles } from "./gate-rbac.ts";
import { type GateWebhookOptions, gateWebhook } from "./gate-webhook.ts";
import { type GateWorkloadOptions, gateWorkload } from "./gate-workload.ts";

/** What a gate goes by, wherever it runs. */
export interface GateInstallOptions
  extends Pick<GateWebhookOptions, "name" | "namespaceLabel" | "excludedNamespaces" | "timeoutSeconds"> {
  /** Of the policy on decisions and its binding; default `kev-decisions`. */
  policyName?: string | undefined;
  /** False leaves the policy and the roles for people out; default: true unless `trust` is any. */
  policy?: boolean | undefined;
  trust?: "policy" | "any" | undefined;
}

/** A gate that runs outside the cluster. */
export interface OutsideGate extends GateInstallOptions {
  /** `https://HOST:PORT/`. */
  url: string;
  /** PEM: the authority that signed the gate's certificate. */
  caBundle: string;
}

/** A gate that runs in the cluster. */
export interface InClusterGate extends GateInstallOptions, GateWorkloadOptions {
  certificate: GateCertificate;
  /** Whether the namespace is made. Default: when none is named; what is there already is not the gate's to change. */
  createNamespace?: boolean | undefined;
  bind?: "release" | "object" | "name" | undefined;
  ignoreRestarts?: boolean | undefined;
}

/**
 * The objects that install a gate, in the order in which they are to be applied. In the reverse order they are to be
 * deleted: a webhook that outlives its gate would refuse every release. Pure.
 */
export function gateManifests(options: OutsideGate | InClusterGate): KubeObject[] {
  const { policyName = defaultPolicyName, trust, name = "kev-gate" } = options;
  const policies =
    (options.policy ?? trust !== "any") ? [...peopleRoles(policyName), ...decisionPolicy({ name: policyName })] : [];
  const { namespaceLabel, excludedNamespaces = [], timeoutSeconds } = options;
  const webhook = { name, namespaceLabel, timeoutSeconds };
  if ("url" in options) {
    const clientConfig = { url: options.url, caBundle: options.caBundle };
    return [...policies, gateWebhook({ ...webhook, ...clientConfig, excludedNamespaces })];
  }
  const { namespace = "kev-gate", certificate, secretName = `${name}-tls` } = options;
  const excluded = [namespace, ...excludedNamespaces];
  const authority =
    "certManager" in certificate
      ? { annotations: injectedAuthority({ name, namespace }) }
      : { caBundle: certificate.caBundle };
  return [
    ...((options.createNamespace ?? options.namespace === undefined) ? [restrictedNamespace(namespace)] : []),
    ...gateRbac({ name, namespace, policyName: trust === "any" ? undefined : policyName }),
    ...certificateObjects({ certificate, name, namespace, secretName }),
    ...gateWorkload({ ...options, name, namespace, secretName }, serveFlags(options, excluded)),
    ...policies,
    gateWebhook({
      ...webhook,
      ...authority,
      service: { name, namespace },
      excludedNamespaces: excluded,
    }),
  ];
}

/** The flags of `kev gate serve` that are not its defaults. */
function serveFlags(options: InClusterGate, excludedNamespaces: readonly string[]): string[] {
  const { port, bind, trust, policyName, namespaceLabel, shutdownDelaySeconds } = options;
  const delay = shutdownDelaySeconds === undefined ? undefined : `${shutdownDelaySeconds}s`;
  const values = { port, bind, trust, "policy-name": policyName, "namespace-label": namespaceLabel };
  const flags = Object.entries({ ...values, "shutdown-delay": delay })
    .filter(([, value]) => value !== undefined)
    .map(([flag, value]) => `--${flag}=${value}`)
    .concat(excludedNamespaces.map((name) => `--exclude-namespace=${name}`));
  return options.ignoreRestarts ? [...flags, "--ignore-restarts"] : flags;
}
