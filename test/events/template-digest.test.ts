import { describe, expect, test } from "@jest/globals";
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
