import type { KubeObject } from "../events/event.ts";

export interface GateWebhookOptions {
  /** Of the configuration; default `kev-gate`. */
  name?: string | undefined;
  /** Where the gate answers, as `https://HOST:PORT/`. */
  url: string;
  /** PEM: the authority that signed the gate's certificate. */
  caBundle: string;
  /** `KEY=VALUE` of gated namespaces; default `requireApproval=true`. */
  namespaceLabel?: string | undefined;
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
export function gateWebhook({ name = "kev-gate", url, caBundle, ...options }: GateWebhookOptions): KubeObject {
  const { namespaceLabel = "requireApproval=true", timeoutSeconds = 5 } = options;
  const [key = "", value = ""] = namespaceLabel.split("=");
  return {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name },
    webhooks: [
      {
        name: "gate.kev.dev",
        clientConfig: { url, caBundle: Buffer.from(caBundle).toString("base64") },
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
          matchExpressions: [
            { key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system", "kube-node-lease"] },
          ],
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
