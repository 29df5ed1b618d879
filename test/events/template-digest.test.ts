import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { digestsOf, isDigest } from "../../src/events/decision.ts";
import { templateDigest } from "../../src/events/template-digest.ts";

const template = {
  metadata: { creationTimestamp: null, labels: { app: "ui-server" } },
  spec: { containers: [{ name: "ui", image: "nginx:1.27", args: ["", "rm"] }], dnsPolicy: "ClusterFirst" },
};

describe("templateDigest", () => {
  test("is of a fixed form and value: stored digests must stay comparable", () => {
    expect(templateDigest(template)).toBe("v1:sha256:6340ba2138c54c0d12de92ed32cdb338ea1c76c7868284fdedb93b68412caa32");
  });

  test("ignores the ReplicaSet's hash label, key order and null members", () => {
    const inReplicaSet = {
      spec: { dnsPolicy: "ClusterFirst", containers: [{ image: "nginx:1.27", args: ["", "rm"], name: "ui" }] },
      metadata: { labels: { "pod-template-hash": "59f6b8d947", app: "ui-server" } },
    };
    expect(templateDigest(inReplicaSet)).toBe(templateDigest(template));
  });

  test.each([
    [
      "another image",
      { containers: [{ name: "ui", image: "nginx:1.28", args: ["", "rm"] }], dnsPolicy: "ClusterFirst" },
    ],
    [
      "an empty argument less",
      { containers: [{ name: "ui", image: "nginx:1.27", args: ["rm"] }], dnsPolicy: "ClusterFirst" },
    ],
    ["an empty member more", { ...template.spec, affinity: {} }],
    ["order in a list", { ...template.spec, containers: [{ ...template.spec.containers[0], args: ["rm", ""] }] }],
  ])("differs for %s", (_what, spec) => {
    expect(templateDigest({ ...template, spec })).not.toBe(templateDigest(template));
  });
});

describe("over templates with every kind of field", () => {
  const text = fc.string({ maxLength: 6 });
  const name = fc.stringMatching(/^[a-z]{1,6}$/);
  const labels = fc.dictionary(name, text, { maxKeys: 3 });
  const quantity = fc.constantFrom("100m", "1Gi", "0.5", 2, 0, -1, 1.5);
  const selector = fc.option(fc.oneof(fc.constant({}), fc.record({ matchLabels: labels })), { nil: undefined });
  const container = fc.record(
    {
      name,
      image: text,
      args: fc.array(text, { maxLength: 3 }),
      env: fc.array(fc.record({ name, value: text })),
      resources: fc.record({ limits: fc.dictionary(name, quantity), requests: fc.dictionary(name, quantity) }),
      tty: fc.boolean(),
      securityContext: fc.option(fc.record({ runAsUser: fc.nat() }), { nil: null }),
    },
    { requiredKeys: ["name"] },
  );
  const spec = fc.record(
    {
      containers: fc.array(container, { maxLength: 3 }),
      initContainers: fc.array(container, { maxLength: 1 }),
      affinity: fc.record({ namespaceSelector: selector }, { requiredKeys: [] }),
      volumes: fc.array(fc.record({ name, emptyDir: fc.constant({}) })),
      terminationGracePeriodSeconds: fc.integer(),
      custom: fc.jsonValue({ maxDepth: 3 }),
    },
    { requiredKeys: ["containers"] },
  );
  const metadata = fc.record({ labels, annotations: labels, creationTimestamp: fc.constant(null) });
  const anyTemplate = fc.record({ metadata, spec });

  test("a Deployment and its ReplicaSet have the same digest, in whatever order the server writes them", () => {
    fc.assert(
      fc.property(anyTemplate, text, (deployment, hash) => {
        const replicaSet = {
          spec: reversed(deployment.spec),
          metadata: { ...deployment.metadata, labels: { "pod-template-hash": hash, ...deployment.metadata.labels } },
        };
        expect(digestsOf(replicaSet)).toEqual(digestsOf(deployment));
        expect(isDigest(templateDigest(deployment))).toBe(true);
      }),
    );
  });

  test("two templates have the same digest only when they are the same but for nulls", () => {
    fc.assert(
      fc.property(anyTemplate, anyTemplate, (left, right) => {
        const isSame = JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
        expect(templateDigest(left) === templateDigest(right)).toBe(isSame);
      }),
    );
  });

  test.each([
    ["a selector of all and none", { namespaceSelector: {} }, {}],
    ["an empty argument", { args: ["", "rm"] }, { args: ["rm"] }],
    ["an empty list and none", { args: [] }, {}],
    ["false and none", { tty: false }, {}],
  ])("%s differ", (_, left, right) => {
    expect(templateDigest({ spec: left })).not.toBe(templateDigest({ spec: right }));
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null && member !== undefined);
  return members.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]);
}
