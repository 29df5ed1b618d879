import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { findObject } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";
import { isRecord, recordOf } from "../util/is-record.ts";
import { decisionPolicy } from "./decision-policy.ts";
import { selects } from "./label-selector.ts";

/** Since when it is proved who wrote decisions, or why it is not. */
export type Trust = { trustedSince: Date } | { problem: string };

/** What was read of a policy; undefined: not there. */
export interface PolicyState {
  policy: KubeObject | undefined;
  binding: KubeObject | undefined;
  /** Undefined: no namespace in particular. */
  namespace?: KubeObject | undefined;
}

/** Milliseconds until all API servers hold to a new policy: it took 0.7 s on one, in which forged events came in. */
const propagation = 10_000;

/**
 * Whether decisions in a namespace are proved to be from whom they say. Pure.
 *
 * The policy must be the one that this version of kev makes, its binding must deny and select the namespace. What is
 * set in any of them begins the time anew: what came before may have been written under another rule. The server keeps no
 * time of what is taken away; but who may do that to a policy may do anything to the gate.
 *
 * @param name of the policy and its binding
 */
export function judgeTrust(name: string, { policy, binding, namespace }: PolicyState): Trust {
  if (!policy) return { problem: `there is no ValidatingAdmissionPolicy "${name}"` };
  if (!binding) return { problem: `there is no ValidatingAdmissionPolicyBinding "${name}"` };
  const [expected] = decisionPolicy({ name });
  if (!isDeepStrictEqual(withoutDefaults(policy.spec), expected?.spec)) {
    return { problem: `the ValidatingAdmissionPolicy "${name}" is not the one of this kev` };
  }
  const spec = recordOf(binding.spec);
  const actions: unknown = spec.validationActions;
  if (spec.policyName !== name || !Array.isArray(actions) || !actions.includes("Deny")) {
    return { problem: `the ValidatingAdmissionPolicyBinding "${name}" does not deny` };
  }
  const { namespaceSelector = {}, matchPolicy: _, ...others } = recordOf(spec.matchResources);
  if (spec.paramRef !== undefined || Object.values(others).some(isRestriction)) {
    return { problem: `the ValidatingAdmissionPolicyBinding "${name}" does not hold for all events` };
  }
  const isEverywhere = isDeepStrictEqual(namespaceSelector, {});
  if (namespace && !selects(namespaceSelector, namespace.metadata.labels ?? {})) {
    const where = namespace.metadata.name ?? "";
    return { problem: `the ValidatingAdmissionPolicyBinding "${name}" does not select namespace ${where}` };
  }
  // Labels may have been given to the namespace after a forged event.
  const sources = [policy, binding, ...(namespace && !isEverywhere ? [namespace] : [])];
  return { trustedSince: new Date(Math.max(...sources.map(changedAt)) + propagation) };
}

/**
 * Reads the policy, its binding and, where the binding selects namespaces, the namespace. Needs get on
 * validatingadmissionpolicies, validatingadmissionpolicybindings and namespaces.
 *
 * @param namespace undefined: whether it holds at all
 * @throws ApiError, UnreachableError; what is not there is a problem, not an error
 */
export async function readTrust(
  connection: Connection,
  { name, namespace, signal }: { name: string; namespace?: string | undefined; signal?: AbortSignal | undefined },
): Promise<Trust> {
  const read = (type: (typeof types)[keyof typeof types], object: string): Promise<KubeObject | undefined> =>
    findObject(connection, { type, namespace: undefined, extent: "whole", signal }, object);
  const [policy, binding] = await Promise.all([read(types.policy, name), read(types.binding, name)]);
  const { matchResources } = recordOf(binding?.spec);
  const isSelective = !isDeepStrictEqual(recordOf(matchResources).namespaceSelector ?? {}, {});
  const found = namespace && isSelective ? await read(types.namespace, namespace) : undefined;
  if (namespace && isSelective && !found) return { problem: `there is no namespace ${namespace}` };
  return judgeTrust(name, { policy, binding, namespace: found });
}

const types = {
  policy: builtInType("admissionregistration.k8s.io", "validatingadmissionpolicies"),
  binding: builtInType("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
  namespace: builtInType("", "namespaces"),
};

/** A policy's spec as it was applied: the server fills in selectors of everything and the scope of everything. */
function withoutDefaults(spec: unknown): unknown {
  const { matchConstraints, ...rest } = recordOf(spec);
  const { namespaceSelector, objectSelector, resourceRules, ...constraints } = recordOf(matchConstraints);
  const rules = Array.isArray(resourceRules) ? resourceRules.map(withoutScope) : resourceRules;
  return {
    ...rest,
    matchConstraints: {
      ...constraints,
      resourceRules: rules,
      ...(isRestriction(namespaceSelector) && { namespaceSelector }),
      ...(isRestriction(objectSelector) && { objectSelector }),
    },
  };
}

function withoutScope(rule: unknown): unknown {
  const { scope, ...rest } = recordOf(rule);
  return scope === undefined || scope === "*" ? rest : rule;
}

function isRestriction(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : !isRecord(value) || Object.keys(value).length > 0;
}

// managedFields hold the server's time of each writer's last change; the status is no rule.
function changedAt({ metadata }: KubeObject): number {
  const entries = (metadata.managedFields ?? []).map(recordOf).filter(({ subresource }) => !subresource);
  const times = [metadata.creationTimestamp, ...entries.map(({ time }) => time)].map((time) =>
    Date.parse(String(time)),
  );
  const known = times.filter((time) => !Number.isNaN(time));
  // Without any time nothing can be older.
  return known.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...known);
}
