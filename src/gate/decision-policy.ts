import type { KubeObject } from "../events/event.ts";
import { decisionPresets } from "../events/presets.ts";
import { defaultPolicyName } from "./gate-defaults.ts";

export interface DecisionPolicyOptions {
  /** Of the policy and its binding; default `kev-decisions`. */
  name?: string | undefined;
  /** Labels of the namespaces in which it holds; default: all namespaces. */
  namespaceLabels?: Readonly<Record<string, string>> | undefined;
}

const reasons = decisionPresets.map(({ reason }) => reason);

/** Either state of the event, whichever there is: an event must not become a decision, nor a decision another event. */
const isDecision = `[object, oldObject].exists(e, e != null && e.?reason.orValue('') in ${JSON.stringify(reasons).replaceAll('"', "'")}
  && e.?involvedObject.kind.orValue('') == 'Deployment' && e.?involvedObject.apiVersion.orValue('').startsWith('apps/'))`;

/**
 * Who may write decisions about Deployments, as a ValidatingAdmissionPolicy and its binding: the API server itself then
 * proves who an approval is from, without a webhook.
 *
 * - The writer needs the verb `approve` on that Deployment (`break-glass` for BreakGlass); no role of Kubernetes' own has
 *   them but cluster-admin, by its `*`.
 * - `kev.dev/approver` is the writer's own user name.
 * - A service account of the same namespace may not: who may edit a namespace can mint its tokens.
 * - Decisions cannot be changed, and other events cannot be made decisions. Only approvers may delete them, and whoever
 *   empties a namespace that is being deleted.
 *
 * Source: facts of CEL in policies, https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/.
 */
export function decisionPolicy({
  name = defaultPolicyName,
  namespaceLabels,
}: DecisionPolicyOptions = {}): KubeObject[] {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const resourceRules = [
    { apiGroups: [""], apiVersions: ["v1"], resources: ["events"], operations: ["CREATE", "UPDATE", "DELETE"] },
  ];
  const policy: KubeObject = {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      failurePolicy: "Fail",
      // Requests to events.k8s.io arrive converted.
      matchConstraints: { matchPolicy: "Equivalent", resourceRules },
      matchConditions: [{ name: "decision", expression: isDecision }],
      variables: [
        { name: "event", expression: "object != null ? object : oldObject" },
        { name: "deployment", expression: "variables.event.?involvedObject.name.orValue('')" },
        { name: "verb", expression: "variables.event.?reason.orValue('') == 'BreakGlass' ? 'break-glass' : 'approve'" },
        {
          name: "rights",
          expression:
            "authorizer.group('apps').resource('deployments').namespace(request.namespace).name(variables.deployment)",
        },
        {
          name: "mayDecide",
          // Who broke the glass may take that back: a revocation is of one's own decisions only.
          expression:
            "variables.deployment != '' && (variables.rights.check(variables.verb).allowed() ||" +
            " (variables.event.?reason.orValue('') == 'ApprovalRevoked' && variables.rights.check('break-glass').allowed()))",
        },
        {
          name: "isBeingEmptied",
          expression: "request.operation == 'DELETE' && has(namespaceObject.metadata.deletionTimestamp)",
        },
      ],
      validations: [
        {
          expression: "request.operation != 'UPDATE'",
          reason: "Forbidden",
          message: "decisions about a Deployment cannot be changed, nor made of other events; emit a new one",
        },
        {
          expression: "variables.isBeingEmptied || variables.mayDecide",
          reason: "Forbidden",
          messageExpression:
            "'you lack the verb ' + variables.verb + ' on deployments.apps \"' + variables.deployment + '\"'",
          message: "you lack the verb approve on this Deployment",
        },
        {
          expression:
            "variables.isBeingEmptied || !request.userInfo.username.startsWith('system:serviceaccount:' + request.namespace + ':')",
          reason: "Forbidden",
          message: "a service account of the same namespace may not decide; use one of another namespace",
        },
        {
          expression:
            "request.operation != 'CREATE' || object.metadata.?annotations[?'kev.dev/approver'].orValue('') == request.userInfo.username",
          reason: "Forbidden",
          message: "the annotation kev.dev/approver must be your own user name",
        },
        {
          // Nobody could take it away again.
          expression: "request.operation != 'CREATE' || object.metadata.?finalizers.orValue([]).size() == 0",
          reason: "Forbidden",
          message: "decisions about a Deployment have no finalizers",
        },
      ],
    },
  };
  const binding: KubeObject = {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: {
      policyName: name,
      validationActions: ["Deny"],
      ...(namespaceLabels && { matchResources: { namespaceSelector: { matchLabels: { ...namespaceLabels } } } }),
    },
  };
  return [policy, binding];
}
