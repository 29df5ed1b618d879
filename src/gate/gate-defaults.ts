/** `KEY=VALUE` of gated namespaces: the talk's. */
export const defaultNamespaceLabel = "requireApproval=true";

/** Of the policy on decisions and its binding. */
export const defaultPolicyName = "kev-decisions";

/** The labels of a gate's own objects, by which its Service and its disruption budget find its Pods. */
export function gateLabels(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}
