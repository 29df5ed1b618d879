import { describe, expect, test } from "@jest/globals";
import type { KubeObject, OwnerReference } from "../../src/events/event.ts";
import { releaseOfDeployment, releaseOfReplicaSet } from "../../src/gate/release.ts";

const template = (more: object = {}): object => ({
  metadata: { labels: { app: "ui" }, ...more },
  spec: { containers: [{ name: "ui", image: "nginx:1.27" }] },
});

const owner: OwnerReference = { apiVersion: "apps/v1", kind: "Deployment", name: "ui", uid: "u-1", controller: true };

function replicaSet(owners: OwnerReference[], podTemplate: unknown = template()): KubeObject {
  const metadata = { name: "ui-59f6b8d947", namespace: "prod", ownerReferences: owners };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec: { template: podTemplate } };
}

function deployment(podTemplate: unknown = template()): KubeObject {
  const metadata = { name: "ui", namespace: "prod", uid: "u-1" };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { template: podTemplate } };
}

test("a Deployment and its ReplicaSet are of one release", () => {
  const withHash = template({ labels: { app: "ui", "pod-template-hash": "59f6b8d947" } });
  const release = releaseOfReplicaSet(replicaSet([owner], withHash));
  expect(release).toEqual(releaseOfDeployment(deployment()));
  expect(release).toMatchObject({ namespace: "prod", name: "ui", uid: "u-1", images: "ui=nginx:1.27" });
});

describe("a ReplicaSet is of no release", () => {
  test.each<[string, OwnerReference[]]>([
    ["without owner", []],
    ["with an owner that does not control it", [{ ...owner, controller: false }]],
    ["of another kind's", [{ ...owner, kind: "Rollout" }]],
    ["of another group's Deployment", [{ ...owner, apiVersion: "example.com/v1" }]],
  ])("%s", (_, owners) => {
    expect(releaseOfReplicaSet(replicaSet(owners))).toBeUndefined();
  });
});

test("a restart makes another release, unless it is to make none", () => {
  const mark = { "kubectl.kubernetes.io/restartedAt": "2026-11-24T12:00:00Z" };
  const plain = releaseOfDeployment(deployment());
  const restarted = releaseOfDeployment(deployment(template({ annotations: mark })));
  expect(plain.restartlessDigest).toBe(plain.digest);
  expect(restarted.digest).not.toBe(plain.digest);
  expect(restarted.restartlessDigest).toBe(plain.digest);
  const other = releaseOfDeployment(deployment(template({ annotations: { ...mark, "example.com/x": "1" } })));
  expect(other.restartlessDigest).not.toBe(plain.digest);
});
