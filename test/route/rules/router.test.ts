import { describe, expect, test } from "@jest/globals";
import { loadRouteConfig } from "../../../src/route/config/load-route-config.ts";
import type { RouteConfig } from "../../../src/route/config/route-config.ts";
import { explainRoutes } from "../../../src/route/rules/explain-routes.ts";
import { createRouter } from "../../../src/route/rules/router.ts";
import type { Delivery, ObjectFacts } from "../../../src/sinks/delivery.ts";
import { fakeSinkTypes } from "../../support/fake-sink-types.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../../support/sample-delivery.ts";
import { sinkServices } from "../../support/sink-services.ts";

/** Routes as JSON, all to sinks `a`, `b` and `c`. */
async function config(routes: unknown, more: object = {}): Promise<RouteConfig> {
  const sinks = { a: { type: "lines" }, b: { type: "lines" }, c: { type: "lines" } };
  const used = { match: { reason: "NeverSeen" }, sinks: ["a", "b", "c"] };
  const text = JSON.stringify({ routes: [...(routes as object[]), used], sinks, ...more });
  return loadRouteConfig(text, { path: "routes.json", sinkTypes: fakeSinkTypes, services: sinkServices() });
}

async function isMatched(match: unknown, delivery: Delivery = sampleDelivery()): Promise<boolean> {
  const router = createRouter(await config([{ match, sinks: "a" }]));
  return router.route(delivery).length === 1;
}

const object: ObjectFacts = {
  labels: { app: "ui", "example.com/tier": "", critical: "true" },
  annotations: { owner: "team-ui" },
  owners: [
    { apiVersion: "apps/v1", kind: "ReplicaSet", name: "ui-server-7d4b9c", uid: "o-1" },
    { apiVersion: "example.com/v1", kind: "Rollout", name: "ui", uid: "o-2" },
  ],
};

describe("conditions", () => {
  test.each<[unknown, boolean]>([
    [{}, true],
    [{ type: "Warning" }, true],
    [{ type: "Normal" }, false],
    [{ reason: "backoff" }, false],
    [{ reason: ["Pulled", "BackOff"] }, true],
    [{ reason: "Back" }, false],
    [{ reason: "/Back/" }, false],
    [{ reason: "/Back.*/" }, true],
    [{ reason: "/(?i)backoff/" }, true],
    [{ reason: { not: "BackOff" } }, false],
    [{ reason: { not: ["Pulled", "/Fail.*/"] } }, true],
    [{ message: "/.*failed container.*/" }, true],
    [{ namespace: "prod", kind: "Pod", apiVersion: "v1", name: "/ui-.*/" }, true],
    [{ namespace: "prod", kind: "Deployment" }, false],
    [[{ kind: "Deployment" }, { kind: "Pod" }], true],
    [{ component: "kubelet", instance: "node-3", host: "/node-\\d+/" }, true],
    [{ fieldPath: "spec.containers{ui}" }, true],
    [{ action: "" }, true],
    [{ action: { not: "" } }, false],
    [{ action: "/.*/" }, true],
    [{ minCount: 3 }, true],
    [{ minCount: 4 }, false],
    [{ eventLabels: { a: { exists: false } } }, true],
    [{ "eventLabels.a": "x" }, false],
    // Of an object that is not known nothing is known.
    [{ "labels.app": "ui" }, false],
    [{ "labels.app": { exists: true } }, false],
    [{ "labels.app": { not: "ui" } }, true],
    [{ owner: { exists: false } }, true],
    [{ owner: { kind: "ReplicaSet" } }, false],
  ])("%j", async (match, expected) => {
    expect(await isMatched(match)).toBe(expected);
  });

  test.each<[unknown, boolean]>([
    [{ "labels.app": "ui" }, true],
    [{ labels: { app: ["ui", "api"], critical: "true" } }, true],
    [{ labels: { app: "ui", critical: "false" } }, false],
    [{ "labels.example.com/tier": "" }, true],
    [{ "labels.example.com/tier": { exists: true } }, true],
    [{ "labels.team": { exists: false } }, true],
    [{ "labels.team": { not: "ui" } }, true],
    [{ "labels.team": "" }, false],
    [{ "labels.team": "/.*/" }, false],
    [{ "labels.toString": { exists: true } }, false],
    [{ "annotations.owner": "/team-.*/" }, true],
    [{ owner: { kind: "ReplicaSet" } }, true],
    [{ owner: { kind: "ReplicaSet", name: "ui" } }, false],
    [{ owner: { kind: "Rollout", name: "ui", apiVersion: "/example\\.com/.*/" } }, true],
    [{ owner: { not: { kind: "Rollout" } } }, false],
    [{ owner: { not: { kind: "Job" } } }, true],
    [{ owner: { exists: true } }, true],
  ])("%j of a known object", async (match, expected) => {
    expect(await isMatched(match, sampleDelivery({ object }))).toBe(expected);
  });

  test("of the reporting component where the source is empty, of the count in all, and of texts with lines", async () => {
    const modern = storedEvent({ source: {}, reportingComponent: "example.com/new", message: "one\ntwo" });
    expect(await isMatched({ component: "example.com/new" }, sampleDelivery({ event: modern }))).toBe(true);
    expect(await isMatched({ message: "/one.two/" }, sampleDelivery({ event: modern }))).toBe(true);
    expect(await isMatched({ minCount: 9 }, sampleDelivery({ count: 9, delta: 1 }))).toBe(true);
  });

  test("take no longer for a text that is made to be slow", async () => {
    const event = storedEvent({ message: `${"a".repeat(50_000)}!` });
    expect(await isMatched({ message: "/(a+)+$/" }, sampleDelivery({ event }))).toBe(false);
  });
});

describe("routes", () => {
  test("are entered from the outside in, and drop what they must not pass on", async () => {
    const router = createRouter(
      await config([
        {
          name: "outer",
          match: { type: "Warning" },
          drop: { reason: "Pulled" },
          sinks: "a",
          routes: [
            { match: { kind: "Pod" }, sinks: "b" },
            { match: { kind: "Node" }, sinks: "c" },
          ],
        },
        { drop: { type: "Warning" }, sinks: "c" },
      ]),
    );
    expect(router.route(sampleDelivery())).toEqual([
      { sink: "a", repeats: "all", route: "outer/a" },
      { sink: "b", repeats: "all", route: "routes[0].routes[0]/b" },
    ]);
    expect(router.route(sampleDelivery({ event: storedEvent({ reason: "Pulled" }) }))).toEqual([]);
    expect(router.route(bareDelivery("e"))).toEqual([{ sink: "c", repeats: "all", route: "routes[1]/c" }]);
  });

  test("lead to a sink once, by the one that repeats most, and by the last of several such", async () => {
    const targets = async (...repeats: string[]): Promise<string[]> => {
      const routes = repeats.map((text, index) => ({ name: `r${index}`, sinks: "a", repeats: text }));
      return createRouter(await config(routes))
        .route(sampleDelivery())
        .map(({ route }) => route);
    };
    expect(await targets("first", "every 1h", "all", "every 1m")).toEqual(["r2/a"]);
    expect(await targets("first", "every 1h", "every 1m")).toEqual(["r2/a"]);
    expect(await targets("every 1m", "every 1h", "first")).toEqual(["r0/a"]);
    expect(await targets("first", "first")).toEqual(["r1/a"]);
  });
});

describe("the object is needed", () => {
  const label = { "labels.app": "ui" };

  test.each<[string, unknown, boolean]>([
    ["where nothing asks for it", [{ match: { kind: "Pod" }, sinks: "a" }], false],
    ["by a label", [{ match: label, sinks: "a" }], true],
    ["by an owner", [{ match: { owner: { kind: "Job" } }, sinks: "a" }], true],
    ["by what is dropped", [{ drop: label, sinks: "a" }], true],
    ["not where the rest of the rule fails", [{ match: { kind: "Node", ...label }, sinks: "a" }], false],
    ["not where another rule holds", [{ match: [label, { kind: "Pod" }], sinks: "a" }], false],
    ["not where it is dropped anyhow", [{ match: label, drop: { kind: "Pod" }, sinks: "a" }], false],
    ["further in", [{ match: { kind: "Pod" }, routes: [{ match: label, sinks: "a" }] }], true],
    ["not further in where nobody comes", [{ match: { kind: "Node" }, routes: [{ match: label, sinks: "a" }] }], false],
  ])("%s", async (_, routes, expected) => {
    const router = createRouter(await config(routes));
    expect(router.needsObject(sampleDelivery())).toBe(expected);
    expect(router.needsObject(sampleDelivery({ object }))).toBe(false);
  });

  test("of everything that goes to a sink, where the file says so", async () => {
    const router = createRouter(await config([{ match: { kind: "Pod" }, sinks: "a" }], { objects: { read: true } }));
    expect(router.needsObject(sampleDelivery())).toBe(true);
    expect(router.needsObject(bareDelivery("e"))).toBe(false);
  });
});

test("explainRoutes says what each condition wanted and found", async () => {
  const routes = [
    {
      name: "failures",
      match: [{ type: "Normal" }, { type: "Warning", reason: { not: ["Pulled"] } }],
      drop: { "labels.quiet": "true" },
      sinks: ["a"],
      repeats: "every 10m",
      routes: [{ match: { minCount: 5 }, sinks: "b", routes: [{ sinks: "c" }] }],
    },
  ];
  const explained = explainRoutes(await config(routes), sampleDelivery());
  expect({ ...explained, routes: explained.routes.slice(0, 1) }).toEqual({
    routes: [
      {
        route: "failures",
        entered: true,
        match: [
          { holds: false, conditions: [{ field: "type", wanted: "Normal", found: "Warning", holds: false }] },
          {
            holds: true,
            conditions: [
              { field: "type", wanted: "Warning", found: "Warning", holds: true },
              { field: "reason", wanted: "not Pulled", found: "BackOff", holds: true },
            ],
          },
        ],
        drop: [
          {
            holds: false,
            conditions: [
              { field: "labels.quiet", wanted: "true", found: "nothing: the object is not known", holds: false },
            ],
          },
        ],
        sinks: ["a"],
        repeats: { every: 600_000 },
        routes: [
          {
            route: "routes[0].routes[0]",
            entered: false,
            match: [{ holds: false, conditions: [{ field: "minCount", wanted: "5", found: "3", holds: false }] }],
            drop: [],
            sinks: ["b"],
            repeats: "all",
            routes: [],
          },
        ],
      },
    ],
    targets: [{ sink: "a", repeats: { every: 600_000 }, route: "failures/a" }],
    objectMissing: true,
  });
});
