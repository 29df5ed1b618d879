/** `KEY=VALUE` of gated namespaces: the talk's. */
export const defaultNamespaceLabel = "requireApproval=true";

/** Of the policy on decisions and its binding. */
export const defaultPolicyName = "kev-decisions";
