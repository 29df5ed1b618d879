import type { KubeObject } from "../events/event.ts";
import { rights, serviceAccount } from "../kube/install-parts.ts";

const group = "rbac.authorization.k8s.io";

export interface GateRbacOptions {
  /** Of the ServiceAccount, the ClusterRole and its binding. */
  name: string;
  /** Of the ServiceAccount. */
  namespace: string;
  /** Undefined: the gate trusts any writer of events, and reads no policy. */
  policyName: string | undefined;
}

/** get on one policy and its binding. */
const policyReader = (policyName: string) => ({
  apiGroups: ["admissionregistration.k8s.io"],
  resources: ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
  resourceNames: [policyName],
  verbs: ["get"],
});

/** The gate's identity and what it may do. It cannot write the specs of Deployments, nor any decision about them. */
export function gateRbac({ name, namespace, policyName }: GateRbacOptions): KubeObject[] {
  const account = { name, namespace };
  const rules = [
    // Decisions, and the event ApprovalRequired.
    { apiGroups: [""], resources: ["events"], verbs: ["get", "list", "watch", "create"] },
    { apiGroups: [""], resources: ["namespaces"], verbs: ["get", "list", "watch"] },
    { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "list"] },
    { apiGroups: ["apps"], resources: ["deployments/status"], verbs: ["patch"] },
    { apiGroups: ["apps"], resources: ["replicasets"], verbs: ["list"] },
    ...(policyName === undefined ? [] : [policyReader(policyName)]),
  ];
  return [serviceAccount(account), ...rights(account, rules)];
}

/**
 * ClusterRoles for people, bound to nobody: `kev-approver` may approve, reject and revoke, `kev-break-glass` may let a
 * release through; bind them in one namespace with a RoleBinding. `kev-policy-viewer`, for a ClusterRoleBinding, is what
 * `kev gate status` needs beside `view`.
 */
export function peopleRoles(policyName: string): KubeObject[] {
  const role = (name: string, rules: object[]): KubeObject => ({
    apiVersion: `${group}/v1`,
    kind: "ClusterRole",
    metadata: { name },
    rules,
  });
  const decider = (name: string, verb: string): KubeObject =>
    role(name, [
      { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", verb] },
      { apiGroups: [""], resources: ["events"], verbs: ["create"] },
    ]);
  return [
    decider("kev-approver", "approve"),
    decider("kev-break-glass", "break-glass"),
    role("kev-policy-viewer", [policyReader(policyName)]),
  ];
}
