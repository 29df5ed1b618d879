import { describe, expect, test } from "@jest/globals";
import { matchType, mayBeTypeOf, resourceOf, typesOfCategory } from "../../src/kube/match-type.ts";
import { resourceTable } from "../../src/kube/resource-table.ts";
import { apiVersionOf, qualifiedName, type ResourceType } from "../../src/kube/resource-type.ts";

function custom(group: string, version: string, kind: string, plural: string, shortNames: string[] = []): ResourceType {
  return { group, version, kind, plural, singular: kind.toLowerCase(), shortNames, namespaced: true };
}

const types = [
  ...resourceTable,
  custom("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", ["hpa"]),
  custom("apps.example.com", "v1", "Deployment", "deployments", ["deploy"]),
  custom("shop.example.com", "v2", "Widget", "widgets", ["wd"]),
  custom("shop.example.com", "v1", "Widget", "widgets", ["wd"]),
  custom("shop.example.com", "v1", "Gadget", "gadgets"),
  custom("other.example.com", "v1", "Wd", "wd"),
  { ...custom("odd.example.com", "v1", "TinyThing", "tinies"), singular: "tiny" },
];

function meaning(argument: string): string | undefined {
  const type = matchType(types, argument);
  return type && `${apiVersionOf(type)} ${qualifiedName(type)}`;
}

describe("matchType", () => {
  test.each([
    ["pods", "v1 pods"],
    ["pod", "v1 pods"],
    ["Pod", "v1 pods"],
    ["DEPLOYMENTS", "apps/v1 deployments.apps"],
    ["deploy", "apps/v1 deployments.apps"],
    ["sts", "apps/v1 statefulsets.apps"],
    ["hpa", "autoscaling/v2 horizontalpodautoscalers.autoscaling"],
    ["events", "v1 events"],
    ["events.events.k8s.io", "events.k8s.io/v1 events.events.k8s.io"],
    ["events.v1.events.k8s.io", "events.k8s.io/v1 events.events.k8s.io"],
    ["deployments.v1.apps", "apps/v1 deployments.apps"],
    ["Deployment.v1.apps", "apps/v1 deployments.apps"],
    ["deploy.apps.example.com", "apps.example.com/v1 deployments.apps.example.com"],
    ["horizontalpodautoscalers.v1.autoscaling", "autoscaling/v1 horizontalpodautoscalers.autoscaling"],
    ["hpa.v1.autoscaling", "autoscaling/v1 horizontalpodautoscalers.autoscaling"],
    ["hpa.autoscal", "autoscaling/v2 horizontalpodautoscalers.autoscaling"],
    ["storageclass.storage", "storage.k8s.io/v1 storageclasses.storage.k8s.io"],
    ["pods.v1.", "v1 pods"],
    ["pods.", "v1 pods"],
    ["widget", "shop.example.com/v2 widgets.shop.example.com"],
    ["widget.v1.shop.example.com", "shop.example.com/v1 widgets.shop.example.com"],
    ["gadgets", "shop.example.com/v1 gadgets.shop.example.com"],
    // A full name beats a short name of a group that comes before.
    ["wd", "other.example.com/v1 wd.other.example.com"],
    ["wd.shop", "shop.example.com/v2 widgets.shop.example.com"],
    ["TinyThing", "odd.example.com/v1 tinies.odd.example.com"],
    ["tinything.odd.example.com", "odd.example.com/v1 tinies.odd.example.com"],
  ])("%s is %s", (argument, expected) => {
    expect(meaning(argument)).toBe(expected);
  });

  test.each([
    "PO", // the case of short names counts
    "TINYTHING", // a Kind that is neither plural nor singular is taken as written, or in lower case
    "deploy.v2.apps",
    "deployments.v1.app",
    "pods.v1",
    "nothing",
    "",
    "pods/x",
  ])("%j is no type", (argument) => {
    expect(meaning(argument)).toBeUndefined();
  });
});

test("a category's types come once each, in order", () => {
  const all = [...resourceTable, { ...custom("apps", "v0", "Deployment", "deployments"), categories: ["all"] }];
  expect(typesOfCategory(all, "all").map(qualifiedName)).toEqual([
    "pods",
    "replicationcontrollers",
    "services",
    "daemonsets.apps",
    "deployments.apps",
    "replicasets.apps",
    "statefulsets.apps",
    "horizontalpodautoscalers.autoscaling",
    "cronjobs.batch",
    "jobs.batch",
  ]);
});

test("messages name a type without its group", () => {
  expect(["foo.v1.example.com", "foo"].map(resourceOf)).toEqual(["foo", "foo"]);
});

describe("mayBeTypeOf", () => {
  test.each([
    ["shop.example.com/v1", "gizmo", true],
    ["shop.example.com/v1", "Gizmo", true],
    ["shop.example.com/v1", "gizmos.shop", true],
    ["shop.example.com/v1", "gizmos.v1.shop.example.com", true],
    ["shop.example.com/v1", "gizmos.v2.shop.example.com", false],
    ["shop.example.com/v1", "gizmos.other.example.com", false],
    ["shop.example.com/v1", "ui-server", false],
    ["shop.example.com/v1", "2048", false],
    ["v1", "gizmo", true],
    ["metrics.k8s.io/v1beta1", "gizmo", false],
    ["custom.metrics.k8s.io/v1beta2", "gizmo", false],
  ])("%s %s", (groupVersion, argument, expected) => {
    expect(mayBeTypeOf(groupVersion, argument)).toBe(expected);
  });
});
