import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/events/event.ts";
import { decisionPolicy } from "../../src/gate/decision-policy.ts";
import { judgeTrust } from "../../src/gate/policy-trust.ts";

/** The policy and its binding as a server has them. */
function stored(): { policy: KubeObject; binding: KubeObject } {
  const [policy, binding] = JSON.parse(JSON.stringify(decisionPolicy())) as KubeObject[];
  if (!policy || !binding) throw new Error("no policy");
  const constraints = (policy.spec as { matchConstraints: Record<string, unknown> }).matchConstraints;
  Object.assign(constraints, { namespaceSelector: {}, objectSelector: {} });
  for (const rule of constraints.resourceRules as object[]) Object.assign(rule, { scope: "*" });
  policy.metadata.creationTimestamp = "2026-11-24T10:00:00Z";
  binding.metadata.creationTimestamp = "2026-11-24T10:00:05Z";
  return { policy, binding };
}

const spec = (object: KubeObject): Record<string, unknown> => object.spec as Record<string, unknown>;
const name = "kev-decisions";

describe("decisions are proved", () => {
  test("since ten seconds after both were there", () => {
    expect(judgeTrust(name, stored())).toEqual({ trustedSince: new Date("2026-11-24T10:00:15Z") });
  });

  test("anew after a change to either, but not of its status", () => {
    const { policy, binding } = stored();
    policy.metadata.managedFields = [
      { time: "2026-11-24T11:00:00Z" },
      { time: "2026-11-24T12:00:00Z", subresource: "status" },
    ];
    expect(judgeTrust(name, { policy, binding })).toEqual({ trustedSince: new Date("2026-11-24T11:00:10Z") });
  });

  test("in a namespace that the binding selects, since it does", () => {
    const { policy, binding } = stored();
    Object.assign(spec(binding), { matchResources: { namespaceSelector: { matchLabels: { gated: "yes" } } } });
    const namespace = (labels: Record<string, string>): KubeObject => ({
      metadata: { name: "prod", labels, creationTimestamp: "2026-11-24T13:00:00Z" },
    });
    expect(judgeTrust(name, { policy, binding, namespace: namespace({ gated: "yes" }) })).toEqual({
      trustedSince: new Date("2026-11-24T13:00:10Z"),
    });
    expect(judgeTrust(name, { policy, binding, namespace: namespace({}) })).toEqual({
      problem: 'the ValidatingAdmissionPolicyBinding "kev-decisions" does not select namespace prod',
    });
  });
});

describe("decisions are not proved", () => {
  test.each<[string, (state: ReturnType<typeof stored>) => object, RegExp]>([
    ["without the policy", ({ binding }) => ({ policy: undefined, binding }), /no ValidatingAdmissionPolicy "/],
    ["without its binding", ({ policy }) => ({ policy, binding: undefined }), /no ValidatingAdmissionPolicyBinding/],
    [
      "by one that lets its failures pass",
      (state) => edit(state, "policy", { failurePolicy: "Ignore" }),
      /not the one/,
    ],
    ["by one with other rules", (state) => edit(state, "policy", { validations: [] }), /not the one of this kev/],
    ["by one with more conditions", (state) => edit(state, "policy", { matchConditions: [{}, {}] }), /not the one/],
    [
      "by a binding that only warns",
      (state) => edit(state, "binding", { validationActions: ["Warn"] }),
      /does not deny/,
    ],
    ["by another policy's binding", (state) => edit(state, "binding", { policyName: "x" }), /does not deny/],
    [
      "by a binding for some events",
      (state) => edit(state, "binding", { matchResources: { objectSelector: { matchLabels: { a: "b" } } } }),
      /does not hold for all events/,
    ],
    ["by a binding with parameters", (state) => edit(state, "binding", { paramRef: { name: "x" } }), /all events/],
  ])("%s", (_, change, problem) => {
    const trust = judgeTrust(name, { policy: undefined, binding: undefined, ...change(stored()) });
    expect(trust).toEqual({ problem: expect.stringMatching(problem) });
  });
});

function edit(state: ReturnType<typeof stored>, which: "policy" | "binding", change: object): object {
  Object.assign(spec(state[which]), change);
  return state;
}
