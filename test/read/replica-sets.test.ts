import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/events/event.ts";
import { rolledOut, summaryOf } from "../../src/read/replica-sets.ts";

const template = (image: string, hash?: string): object => ({
  metadata: { labels: { app: "ui", ...(hash && { "pod-template-hash": hash }) } },
  spec: { containers: [{ name: "ui", image }] },
});

const deployment = (image: string): KubeObject => ({
  metadata: { name: "ui", namespace: "prod", uid: "u-1" },
  spec: { template: template(image) },
});

interface Given {
  owner?: string;
  revision?: number;
  pods?: number;
}

function replicaSet(image: string, { owner = "u-1", revision = 1, pods = 0 }: Given = {}): KubeObject {
  return {
    metadata: {
      name: `ui-${image}`,
      annotations: { "deployment.kubernetes.io/revision": String(revision) },
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "ui", uid: owner, controller: true }],
    },
    spec: { template: template(image, "abc") },
    status: { replicas: pods, availableReplicas: pods },
  };
}

describe("what of a Deployment is rolled out", () => {
  test("nothing at first, whatever others have", () => {
    expect(rolledOut(deployment("a"), [])).toEqual({ isOut: false, running: undefined });
    expect(rolledOut(deployment("a"), [replicaSet("a", { owner: "u-0" })].map(summaryOf))).toEqual({
      isOut: false,
      running: undefined,
    });
  });

  test("the release itself once its ReplicaSet is there", () => {
    expect(rolledOut(deployment("a"), [replicaSet("a")].map(summaryOf))).toEqual({ isOut: true, running: "ui=a" });
  });

  test("where the pods are, else the latest revision", () => {
    const old = replicaSet("a", { revision: 1, pods: 3 });
    expect(rolledOut(deployment("c"), [old, replicaSet("b", { revision: 2 })].map(summaryOf))).toEqual({
      isOut: false,
      running: "ui=a",
    });
    const idle = replicaSet("a", { revision: 1 });
    expect(rolledOut(deployment("c"), [idle, replicaSet("b", { revision: 2 })].map(summaryOf))).toEqual({
      isOut: false,
      running: "ui=b",
    });
  });
});
