import type { KubeObject } from "../events/event.ts";
import { defaultNamespaceLabel } from "./gate-defaults.ts";
import { systemNamespaces } from "./gated-namespaces.ts";

export interface GateWebhookOptions {
  /** Of the configuration; default `kev-gate`. */
  name?: string | undefined;
  /** Where the gate answers, as `https://HOST:PORT/`; for one outside the cluster. */
  url?: string | undefined;
  /** The Service in front of a gate in the cluster, on port 443. */
  service?: { name: string; namespace: string } | undefined;
  /** PEM: the authority that signed the gate's certificate. Undefined: somebody else writes it. */
  caBundle?: string | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
  /** `KEY=VALUE` of gated namespaces; default `requireApproval=true`. */
  namespaceLabel?: string | undefined;
  /** Namespaces that are not gated whatever their labels, beside kube-system and kube-node-lease. */
  excludedNamespaces?: readonly string[] | undefined;
  /** Seconds, 1 to 30; default 5. */
  timeoutSeconds?: number | undefined;
}

/** Evaluated in the API server: a gate that is down holds up releases of Deployments and nothing else. */
const isOfDeployment =
  "object.metadata.?ownerReferences.orValue([]).exists(o, o.kind == 'Deployment' && o.apiVersion.startsWith('apps/') && o.?controller.orValue(false))";

/**
 * The webhook that asks a gate about new ReplicaSets of Deployments in gated namespaces. Without an answer nothing is
 * admitted (failurePolicy Fail). The system's own namespaces are left out.
 */
export function gateWebhook({ name = "kev-gate", ...options }: GateWebhookOptions): KubeObject {
  const { namespaceLabel = defaultNamespaceLabel, timeoutSeconds = 5, excludedNamespaces = [] } = options;
  const { url, service, caBundle, annotations } = options;
  const [key = "", value = ""] = namespaceLabel.split("=");
  const excluded = [...new Set([...systemNamespaces, ...excludedNamespaces])];
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name, ...(annotations && { annotations: { ...annotations } }) },
    webhooks: [
      {
        name: "gate.kev.dev",
        clientConfig: {
          ...(url !== undefined && { url }),
          ...(service && { service: { ...service, path: "/", port: 443 } }),
          ...(caBundle !== undefined && { caBundle: Buffer.from(caBundle).toString("base64") }),
        },
        rules: [
          {
            apiGroups: ["apps"],
            apiVersions: ["v1"],
            resources: ["replicasets"],
            operations: ["CREATE"],
            scope: "Namespaced",
          },
        ],
        matchPolicy: "Equivalent",
        namespaceSelector: {
          matchLabels: { [key]: value },
          matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: excluded }],
        },
        matchConditions: [{ name: "release-of-a-deployment", expression: isOfDeployment }],
        failurePolicy: "Fail",
        // A denial leads to a condition and an event, unless it is of a dry run.
        sideEffects: "NoneOnDryRun",
        timeoutSeconds,
        admissionReviewVersions: ["v1", "v1beta1"],
      },
    ],
  };
}
