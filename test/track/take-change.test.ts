import { describe, expect, test } from "@jest/globals";
import { closeGroup, type SeenObject, takeChange } from "../../src/track/take-change.ts";
import type { KnownObject } from "../../src/track/track-store.ts";
import { managed, type SampleParts, sampleDeployment } from "./sample-deployment.ts";
import { sampleRules } from "./sample-rules.ts";

const now = Date.parse("2026-11-23T09:30:00Z");
const replicasBy = (manager: string, time = "2026-11-23T09:29:59Z") => [managed(manager, time, ["spec/replicas"])];
let version = 10;
const seen = (parts: SampleParts, more: Partial<SeenObject> = {}): SeenObject => ({
  type: "deployments.apps",
  object: sampleDeployment({ resourceVersion: String(++version), ...parts }),
  ...{ isOneWrite: true, isNew: false, now },
  ...more,
});

/** Takes one after the other in; what is known then, and what is told of it. */
function lived(
  states: readonly SeenObject[],
  rules = sampleRules(),
): { known: KnownObject | undefined; isOpen: boolean; message: string | undefined } {
  let known: KnownObject | undefined;
  for (const state of states) known = takeChange(known, state, rules) ?? known;
  return { known, isOpen: known?.group !== undefined, message: known && closeGroup(known, rules).message };
}

describe("changes of an object", () => {
  test("are none at first: what is there is the base", () => {
    expect(lived([seen({})])).toMatchObject({ known: { base: { object: { spec: { replicas: 2 } } } }, isOpen: false });
  });

  test("open a group, which says when it is due, who did what, and when", () => {
    const { known, message } = lived([seen({}), seen({ replicas: 3, managedFields: replicasBy("helm") })]);
    expect(known?.group).toEqual({
      dueAt: now + 2_000,
      seenAt: now,
      at: Date.parse("2026-11-23T09:29:59Z"),
      current: { object: expect.objectContaining({ spec: expect.objectContaining({ replicas: 3 }) }), visibility: 0 },
      authors: { "spec.replicas": [{ manager: "helm", operation: "Update" }] },
    });
    expect(known?.reference.resourceVersion).toBe(String(version));
    expect(message).toBe("helm (Update) changed spec.replicas: 2 → 3");
  });

  test("within one group are told as one, each by its last author", () => {
    const { known, message } = lived([
      seen({}),
      seen({ replicas: 3, managedFields: replicasBy("helm") }),
      seen({ replicas: 4, managedFields: replicasBy("kubectl-edit") }, { now: now + 500 }),
      seen(
        {
          replicas: 4,
          image: "x",
          managedFields: [
            ...replicasBy("kubectl-edit"),
            managed("kubectl-set", "2026-11-23T09:30:01Z", ['spec/template/spec/containers/{"name":"nginx"}/image']),
          ],
        },
        { now: now + 900 },
      ),
    ]);
    expect(known?.group?.dueAt).toBe(now + 2_000);
    expect(message).toBe(
      "kubectl-edit (Update) changed spec.replicas: 2 → 4. kubectl-set (Update) changed spec.template.spec.containers[nginx].image: nginx:1.27 → x",
    );
  });

  test("that were taken back within the group are none", () => {
    const { known, message } = lived([
      seen({}),
      seen({ replicas: 3, managedFields: replicasBy("helm") }),
      seen({ managedFields: replicasBy("helm") }),
    ]);
    expect(known?.group).toBeDefined();
    expect(message).toBeUndefined();
  });

  test("of status and of noise are none, and nothing is written for those of status", () => {
    const rules = sampleRules();
    const known = takeChange(undefined, seen({}), rules);
    const status = [
      managed("kube-controller-manager", "2026-11-23T09:31:00Z", ["status/replicas"], { subresource: "status" }),
    ];
    expect(takeChange(known, seen({ status: { replicas: 7 }, managedFields: status }), rules)).toBeUndefined();
    expect(
      lived([seen({}), seen({ annotations: { "deployment.kubernetes.io/revision": "2" } })]).known?.group,
    ).toBeUndefined();
  });

  test("by ignored managers alone move the base without a word", () => {
    const rules = sampleRules({ ignoreManagers: ["hpa"] });
    const states = [seen({}), seen({ replicas: 5, managedFields: replicasBy("hpa") })];
    expect(lived(states, rules)).toMatchObject({
      known: { base: { object: { spec: { replicas: 5 } } } },
      isOpen: false,
      message: undefined,
    });
    expect(lived([...states, seen({ replicas: 6, managedFields: replicasBy("helm") })], rules).message).toBe(
      "helm (Update) changed spec.replicas: 5 → 6",
    );
  });

  test("by ignored managers are left out beside those of others, and those by nobody known are told", () => {
    const rules = sampleRules({ ignoreManagers: ["hpa"] });
    const label = managed("kubectl-label", "2026-11-23T09:30:01Z", ["metadata/labels/a"]);
    const both = [
      seen({}),
      seen({ labels: { a: "b" }, managedFields: [label] }),
      seen({ labels: { a: "b" }, replicas: 5, managedFields: [label, ...replicasBy("hpa")] }),
    ];
    expect(lived(both, rules).message).toBe("kubectl-label (Update) changed metadata.labels.a: none → b");
    expect(lived([seen({}), seen({ replicas: 5 })], rules).message).toBe(
      "an unknown manager changed spec.replicas: 2 → 5",
    );
  });

  test("in a state that is known already are none", () => {
    const rules = sampleRules();
    const known = takeChange(undefined, seen({ resourceVersion: "7" }), rules);
    expect(takeChange(known, seen({ resourceVersion: "7", replicas: 9 }), rules)).toBeUndefined();
  });

  test("of what an earlier run did not look at are none, and the others are told", () => {
    const before = sampleRules({ ignore: ["metadata.labels"] });
    const after = sampleRules({ earlier: [{ ignore: ["metadata.labels"] }] });
    const known = takeChange(undefined, seen({ labels: { a: "b" } }), before);
    const next = takeChange(known, seen({ labels: { a: "c" }, replicas: 3, managedFields: replicasBy("helm") }), after);
    expect(next && closeGroup(next, after).message).toBe("helm (Update) changed spec.replicas: 2 → 3");
    const closed = next && closeGroup(next, after).known;
    const later = takeChange(closed, seen({ labels: { a: "d" }, replicas: 3 }), after);
    expect(later && closeGroup(later, after).message).toBe("an unknown manager changed metadata.labels.a: c → d");
  });
});

describe("a value that is hidden in one run and shown in the next", () => {
  const [hidden, shown] = [sampleRules(), sampleRules({ showValues: ["spec.template.spec.containers[*].env"] })];
  const env = (value: string): SampleParts => ({ env: [{ name: "LOG", value }] });
  const path = "spec.template.spec.containers[nginx].env[LOG].value";

  test.each([
    ["shown", hidden, shown],
    ["hidden", shown, hidden],
  ])("and is now %s has not changed by that, and is named where it has", (_what, before, after) => {
    const known = takeChange(undefined, seen(env("a")), before);
    const same = takeChange(known, seen({ ...env("a"), replicas: 3 }), after);
    expect(same && closeGroup(same, after).message).toBe("an unknown manager changed spec.replicas: 2 → 3");
    const other = takeChange(known, seen(env("b")), after);
    expect(other && closeGroup(other, after).message).toBe(`an unknown manager changed ${path}`);
  });
});

describe("a new object", () => {
  test("is told with who made it, and what has changed since", () => {
    const make = seen({ managedFields: replicasBy("kubectl-create") }, { isNew: true });
    expect(lived([make])).toMatchObject({
      known: { group: { at: Date.parse("2026-11-23T09:00:00Z") } },
      message: "kubectl-create (Update) created it",
    });
    expect(lived([make, seen({ replicas: 3, managedFields: replicasBy("hpa") })]).message).toBe(
      "kubectl-create (Update) created it. hpa (Update) changed spec.replicas: 2 → 3",
    );
  });

  test("of an ignored manager is not told", () => {
    const make = seen({ managedFields: replicasBy("hpa") }, { isNew: true });
    expect(lived([make], sampleRules({ ignoreManagers: ["hpa"] }))).toMatchObject({
      isOpen: false,
      message: undefined,
    });
  });
});
