import { describe, expect, test } from "@jest/globals";
import { childrenNamedBy, kindOf, ownersByName } from "../../src/events/offspring.ts";
import { sampleEvent } from "../support/sample-event.ts";

describe("owners by name", () => {
  test.each<[string, string, string, string[]]>([
    ["apps/v1", "ReplicaSet", "ui-server-59f6b8d947", ["apps/Deployment ui-server"]],
    // The suffix has no dash and only the letters that Kubernetes uses.
    ["apps/v1", "ReplicaSet", "ui-server", []],
    ["apps/v1", "ReplicaSet", "ui-aeiou", []],
    [
      "v1",
      "Pod",
      "ui-59f6b8d947-x2bcd",
      ["apps/ReplicaSet", "apps/DaemonSet", "batch/Job", "core/ReplicationController"].map(
        (kind) => `${kind} ui-59f6b8d947`,
      ),
    ],
    ["v1", "Pod", "db-0", ["apps/StatefulSet db"]],
    [
      "v1",
      "Pod",
      "load-3-x2bcd",
      ["ReplicaSet load-3", "DaemonSet load-3"]
        .map((name) => `apps/${name}`)
        .concat("batch/Job load", "core/ReplicationController load-3"),
    ],
    ["batch/v1", "Job", "backup-29401234", ["batch/CronJob backup"]],
    ["v1", "ConfigMap", "ui-59f6b8d947", []],
    ["example.com/v1", "ReplicaSet", "ui-59f6b8d947", []],
  ])("%s %s %s", (apiVersion, kind, name, owners) => {
    const found = ownersByName({ apiVersion, kind, name, namespace: "prod" });
    expect(found.map((owner) => `${kindOf(owner)} ${owner.name}`)).toEqual(owners);
    expect(found.every(({ namespace }) => namespace === "prod")).toBe(true);
  });
});

describe("children named by events", () => {
  const about = (apiVersion: string, kind: string, message: string): string[] =>
    childrenNamedBy(sampleEvent({ involvedObject: { apiVersion, kind, name: "x" }, message }));

  test.each([
    ["apps/v1", "Deployment", "Scaled up replica set ui-5d9c from 0 to 1", "apps/ReplicaSet ui-5d9c"],
    ["apps/v1", "ReplicaSet", "Created pod: ui-5d9c-x2bcd", "core/Pod ui-5d9c-x2bcd"],
    ["apps/v1", "StatefulSet", "create Pod db-0 in StatefulSet db successful", "core/Pod db-0"],
    ["batch/v1", "Job", 'Error creating: pods "load-x2bcd" is forbidden.', "core/Pod load-x2bcd"],
    ["example.com/v1", "Site", "made v1.example.", "* v1.example"],
  ])("%s %s: %s", (apiVersion, kind, message, child) => {
    expect(about(apiVersion, kind, message)).toContain(child);
  });

  test("a kind that makes nothing names nothing", () => {
    expect(about("autoscaling/v2", "HorizontalPodAutoscaler", "missing request for cpu in pod ui-5d9c-x2bcd")).toEqual(
      [],
    );
    expect(about("gateway.networking.k8s.io/v1", "Gateway", "ui-5d9c")).toEqual([]);
  });
});
