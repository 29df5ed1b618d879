import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createTypeResolver, type TypeResolver } from "../../src/kube/resolve-type.ts";
import { apiVersionOf, qualifiedName, type ResourceType } from "../../src/kube/resource-type.ts";
import type { Clock } from "../../src/util/clock.ts";
import { aggregatedCore, aggregatedGroups } from "./discovery-documents.ts";
import { type ScriptedConnection, scriptedConnection, statusError } from "./scripted-connection.ts";

const clock: Clock = {
  now: () => new Date("2026-11-23T09:00:00Z"),
  sleep: () => Promise.reject(new Error("Unexpected sleep")),
};
const withoutWidgets = { ...aggregatedGroups, items: aggregatedGroups.items.slice(0, 2) };

/** A server that is discovered once per pair of documents, and no more often. */
function serverOf(...groups: object[]): ScriptedConnection {
  return scriptedConnection({ "GET /api": groups.map(() => aggregatedCore), "GET /apis": groups });
}

function short(type: ResourceType): string {
  return `${apiVersionOf(type)} ${qualifiedName(type)}`;
}

describe("createTypeResolver", () => {
  test("needs no request for the types of Kubernetes itself", async () => {
    const resolver = createTypeResolver(serverOf(), { clock });
    const deployment = await resolver.resolve("deploy");
    expect(deployment).toEqual({
      group: "apps",
      version: "v1",
      kind: "Deployment",
      plural: "deployments",
      singular: "deployment",
      shortNames: ["deploy"],
      namespaced: true,
      categories: ["all"],
    });
    expect(await resolver.preferred(deployment)).toBe(deployment);
    expect(short(await resolver.resolveKind("networking.k8s.io/v1", "Ingress"))).toBe(
      "networking.k8s.io/v1 ingresses.networking.k8s.io",
    );
    expect(await resolver.isType("sts")).toBe(true);
    expect((await resolver.resolveAll("no")).map(short)).toEqual(["v1 nodes"]);
  });

  test("discovers once for all other types", async () => {
    const connection = serverOf(aggregatedGroups);
    const resolver = createTypeResolver(connection, { clock });
    expect((await Promise.all([resolver.resolve("widgets"), resolver.resolve("wd")])).map(short)).toEqual([
      "shop.example.com/v2 widgets.shop.example.com",
      "shop.example.com/v2 widgets.shop.example.com",
    ]);
    expect(await resolver.isType("gizmo")).toBe(false);
    expect((await resolver.resolveAll("all")).map(short)).toEqual([
      "v1 pods",
      "apps/v1 deployments.apps",
      "shop.example.com/v2 widgets.shop.example.com",
    ]);
    expect(connection.asked).toEqual(["GET /api", "GET /apis"]);
  });

  test("tells the asked version from the preferred one", async () => {
    const resolver = createTypeResolver(serverOf(aggregatedGroups), { clock });
    const old = await resolver.resolveKind("shop.example.com/v1beta1", "Widget");
    expect(short(old)).toBe("shop.example.com/v1beta1 widgets.shop.example.com");
    expect(short(await resolver.preferred(old))).toBe("shop.example.com/v2 widgets.shop.example.com");
    const hpa = await resolver.resolve("hpa.v1.autoscaling");
    expect([hpa, await resolver.preferred(hpa)].map(apiVersionOf)).toEqual(["autoscaling/v1", "autoscaling/v2"]);
  });

  test("after a refresh the server's word counts, not the table's", async () => {
    const oldGroups = {
      ...aggregatedGroups,
      items: [
        {
          metadata: { name: "autoscaling" },
          versions: [
            {
              version: "v1",
              resources: [
                {
                  resource: "horizontalpodautoscalers",
                  responseKind: { kind: "HorizontalPodAutoscaler" },
                  scope: "Namespaced",
                  shortNames: ["hpa"],
                },
              ],
            },
          ],
        },
      ],
    };
    const resolver = createTypeResolver(serverOf(oldGroups), { clock });
    const tabled = await resolver.resolve("hpa");
    resolver.refresh();
    const served = await resolver.resolve("hpa");
    expect([tabled, served, await resolver.preferred(tabled)].map(apiVersionOf)).toEqual([
      "autoscaling/v2",
      "autoscaling/v1",
      "autoscaling/v1",
    ]);
    resolver.refresh();
    expect(apiVersionOf(await resolver.resolve("hpa"))).toBe("autoscaling/v1");
  });

  test("an unknown type is kubectl's error, with the nearest types and what could not be listed", async () => {
    const resolver = createTypeResolver(serverOf(aggregatedGroups), { clock });
    await expect(resolver.resolve("widgte.shop.example.com")).rejects.toMatchObject({
      kind: "not-found",
      line: `error: the server doesn't have a resource type "widgte"`,
      hint:
        "the nearest types are widgets.shop.example.com\n" +
        "the server could not list the types of metrics.k8s.io/v1beta1; see kubectl get apiservices",
    });
  });

  test("an unknown type that is near to none says where all types are", async () => {
    const resolver = createTypeResolver(serverOf(withoutWidgets), { clock });
    await expect(resolver.resolve("qqqqqqqq")).rejects.toMatchObject({
      line: `error: the server doesn't have a resource type "qqqqqqqq"`,
      hint: "kubectl api-resources lists the types",
    });
  });

  test("the nearest types are told alone, too", async () => {
    const resolver = createTypeResolver(serverOf(aggregatedGroups), { clock });
    expect(await resolver.nearestTypes("widgte")).toEqual(["widgets.shop.example.com"]);
    expect(await resolver.nearestTypes("qqqqqqqq")).toEqual([]);
  });

  test("whether a word is a type cannot be known when a group could not be listed", async () => {
    const broken = {
      kind: "APIGroupDiscoveryList",
      items: [{ metadata: { name: "shop.example.com" }, versions: [{ version: "v2", freshness: "Stale" }] }],
    };
    const resolver = createTypeResolver(serverOf(broken), { clock });
    await expect(resolver.isType("gizmo")).rejects.toMatchObject({
      kind: "not-found",
      line: 'error: "gizmo" may be a type or a name: the server could not list the types of shop.example.com/v2',
      hint: "write TYPE/NAME; kubectl get apiservices says what is wrong",
    });
    expect(await resolver.isType("ui-server")).toBe(false);
    expect(await resolver.isType("pod")).toBe(true);
  });

  test("an unknown kind is kubectl's error, with the versions there are", async () => {
    const known = createTypeResolver(serverOf(aggregatedGroups), { clock });
    await expect(known.resolveKind("shop.example.com/v3", "Widget")).rejects.toMatchObject({
      kind: "not-found",
      line: `error: no matches for kind "Widget" in version "shop.example.com/v3"`,
      hint:
        "the server has Widget in shop.example.com/v2, shop.example.com/v1beta1\n" +
        "the server could not list the types of metrics.k8s.io/v1beta1; see kubectl get apiservices",
    });
    const unknown = createTypeResolver(serverOf(withoutWidgets), { clock });
    await expect(unknown.resolveKind("shop.example.com/v2", "Widget")).rejects.toMatchObject({
      line: `error: no matches for kind "Widget" in version "shop.example.com/v2"`,
      hint: "ensure CRDs are installed first",
    });
  });

  test("a failed discovery is thrown, and tried again by the next that needs it", async () => {
    const forbidden = statusError(403, { reason: "Forbidden", message: "forbidden: no", code: 403 });
    const connection = scriptedConnection({
      "GET /api": [aggregatedCore, aggregatedCore],
      "GET /apis": [forbidden, aggregatedGroups],
    });
    const resolver = createTypeResolver(connection, { clock });
    await expect(resolver.isType("widgets")).rejects.toBe(forbidden);
    expect(await resolver.isType("widgets")).toBe(true);
  });

  test("hands its signal on", async () => {
    const reason = new Error("Interrupted");
    const resolver = createTypeResolver(serverOf(aggregatedGroups), { clock, signal: AbortSignal.abort(reason) });
    await expect(resolver.resolve("widgets")).rejects.toBe(reason);
  });
});

describe("with a cache folder", () => {
  async function inFolder(
    use: (open: (connection: ScriptedConnection) => TypeResolver) => Promise<void>,
  ): Promise<void> {
    const cacheDir = await mkdtemp(join(tmpdir(), "kev-types-"));
    try {
      await use((connection) => createTypeResolver(connection, { clock, cacheDir }));
    } finally {
      await rm(cacheDir, { recursive: true });
    }
  }

  test("the next run discovers nothing", () =>
    inFolder(async (open) => {
      await open(serverOf(aggregatedGroups)).resolve("widgets");
      const next = open(serverOf());
      expect(short(await next.resolve("wd"))).toBe("shop.example.com/v2 widgets.shop.example.com");
      expect(await next.isType("widget")).toBe(true);
    }));

  test("a type that is not in it is looked for once more on the server, and then kept", () =>
    inFolder(async (open) => {
      await open(serverOf(withoutWidgets)).isType("widgets");
      const second = serverOf(aggregatedGroups);
      const resolver = open(second);
      expect(await resolver.isType("widgets")).toBe(true);
      expect(await resolver.isType("gizmos")).toBe(false);
      expect(second.asked).toEqual(["GET /api", "GET /apis"]);
      expect(await open(serverOf()).isType("widgets")).toBe(true);
    }));

  test("a refresh does not read it", () =>
    inFolder(async (open) => {
      await open(serverOf(aggregatedGroups)).resolve("widgets");
      const connection = serverOf(withoutWidgets);
      const resolver = open(connection);
      await resolver.resolve("widgets");
      resolver.refresh();
      expect(await resolver.isType("widgets")).toBe(false);
      expect(connection.unused()).toEqual([]);
    }));
});
