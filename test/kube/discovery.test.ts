import { describe, expect, test } from "@jest/globals";
import { fetchDiscovery } from "../../src/kube/discovery.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { aggregatedCore, aggregatedGroups } from "./discovery-documents.ts";
import { pageNotFound, scriptedConnection, statusError } from "./scripted-connection.ts";

const widget = { group: "shop.example.com", kind: "Widget", plural: "widgets", singular: "widget", namespaced: true };
const hpa = {
  group: "autoscaling",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  singular: "horizontalpodautoscaler",
  shortNames: ["hpa"],
  namespaced: true,
};
const core = [
  {
    group: "",
    version: "v1",
    kind: "Pod",
    plural: "pods",
    singular: "pod",
    shortNames: ["po"],
    namespaced: true,
    categories: ["all"],
  },
  { group: "", version: "v1", kind: "Node", plural: "nodes", singular: "node", shortNames: ["no"], namespaced: false },
];
const deployment = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  singular: "deployment",
  shortNames: ["deploy"],
  namespaced: true,
  categories: ["all"],
};

describe("fetchDiscovery", () => {
  test("takes two requests where the server aggregates, and leaves stale versions out", async () => {
    const connection = scriptedConnection({ "GET /api": [aggregatedCore], "GET /apis": [aggregatedGroups] });
    expect(await fetchDiscovery(connection)).toEqual({
      types: [
        ...core,
        deployment,
        { ...hpa, version: "v2" },
        { ...hpa, version: "v1" },
        { ...widget, version: "v2", shortNames: ["wd"], categories: ["all"] },
        { ...widget, version: "v1beta1", shortNames: [] },
      ],
      failed: ["metrics.k8s.io/v1beta1"],
    });
    expect(connection.requests.map(({ accept }) => accept)).toEqual(
      Array(2).fill(
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
          "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json",
      ),
    );
  });

  const legacy = {
    "GET /api": [{ kind: "APIVersions", versions: ["v1"] }],
    "GET /apis": [
      {
        kind: "APIGroupList",
        apiVersion: "v1",
        groups: [
          {
            name: "apps",
            versions: [{ groupVersion: "apps/v1beta1" }, { groupVersion: "apps/v1" }],
            preferredVersion: { groupVersion: "apps/v1" },
          },
          { name: "metrics.k8s.io", versions: [{ groupVersion: "metrics.k8s.io/v1beta1" }] },
        ],
      },
    ],
    "GET /api/v1": [
      {
        kind: "APIResourceList",
        groupVersion: "v1",
        resources: [
          { name: "pods", singularName: "", namespaced: true, kind: "Pod", shortNames: ["po"], categories: ["all"] },
          { name: "pods/log", singularName: "", namespaced: true, kind: "Pod" },
          { name: "nodes", singularName: "node", namespaced: false, kind: "Node", shortNames: ["no"] },
        ],
      },
    ],
    "GET /apis/apps/v1": [
      {
        resources: [
          {
            name: "deployments",
            singularName: "deployment",
            namespaced: true,
            kind: "Deployment",
            shortNames: ["deploy"],
            categories: ["all"],
          },
        ],
      },
    ],
    "GET /apis/apps/v1beta1": [{ resources: [{ name: "scales", namespaced: true, kind: "Scale" }] }],
  };

  test("asks older servers for each group version, the preferred one first, and goes on without a broken one", async () => {
    const unavailable = statusError(503, { reason: "ServiceUnavailable", message: "service unavailable", code: 503 });
    const connection = scriptedConnection({ ...legacy, "GET /apis/metrics.k8s.io/v1beta1": [unavailable] });
    expect(await fetchDiscovery(connection)).toEqual({
      types: [
        ...core,
        deployment,
        {
          group: "apps",
          version: "v1beta1",
          kind: "Scale",
          plural: "scales",
          singular: "scale",
          shortNames: [],
          namespaced: true,
        },
      ],
      failed: ["metrics.k8s.io/v1beta1"],
    });
    expect(connection.unused()).toEqual([]);
  });

  test("a lost connection is no broken group", async () => {
    const cut = new UnreachableError("cut", "Unable to connect to the server: EOF");
    const connection = scriptedConnection({ ...legacy, "GET /apis/metrics.k8s.io/v1beta1": [cut] });
    await expect(fetchDiscovery(connection)).rejects.toBe(cut);
  });

  test("a server without core is taken, one without groups is not", async () => {
    const missing = pageNotFound();
    const without = scriptedConnection({ "GET /api": [missing], "GET /apis": [aggregatedGroups] });
    expect((await fetchDiscovery(without)).types).toHaveLength(5);
    const none = scriptedConnection({ "GET /api": [aggregatedCore], "GET /apis": [missing] });
    await expect(fetchDiscovery(none)).rejects.toBe(missing);
  });
});
