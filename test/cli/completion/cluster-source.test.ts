import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { type ClusterSource, createClusterSource } from "../../../src/cli/completion/cluster-source.ts";
import type { ConnectOptions } from "../../../src/kube/connect-options.ts";
import { builtInType } from "../../../src/kube/resource-table.ts";
import {
  type Script,
  type ScriptedConnection,
  scriptedConnection,
  statusError,
} from "../../kube/scripted-connection.ts";
import { fakeContext } from "../../support/fake-context.ts";

const named = (...names: string[]) => names.map((name) => ({ metadata: { name, namespace: "default" } }));
const deployments = builtInType("apps", "deployments");
const listDeployments = "GET /apis/apps/v1/namespaces/default/deployments?limit=500";
const forbidden = statusError(403, { reason: "Forbidden", message: "no" });

let cacheDir: string;
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "kev-cache-"));
});
afterEach(() => rm(cacheDir, { recursive: true }));

interface Asked extends ScriptedConnection {
  source: ClusterSource;
  options: ConnectOptions[];
}

async function sourceOf(script: Script, flags = {}): Promise<Asked> {
  const connection = scriptedConnection(script);
  const options: ConnectOptions[] = [];
  const context = fakeContext({
    connect: async (given) => {
      options.push(given);
      return connection;
    },
  });
  const { signal } = new AbortController();
  return { ...connection, options, source: await createClusterSource({ cacheDir, ...flags }, context, signal) };
}

test("connects as the flags say, asks nobody and shows nothing", async () => {
  const { options, asked } = await sourceOf({}, { namespace: "prod", context: "east", as: "jane" });
  expect(options).toEqual([
    {
      ...{ as: "jane", context: "east", namespace: "prod", env: {}, homeDir: "/nowhere/home", stdinIsTTY: false },
      ...{ onPluginOutput: expect.any(Function), signal: expect.any(AbortSignal) },
    },
  ]);
  expect(asked).toEqual([]);
});

test("names come page by page; what has come before a failure is kept", async () => {
  const { source, unused } = await sourceOf({
    [listDeployments]: [{ metadata: { continue: "next" }, items: named("a", "b") }],
    [`${listDeployments}&continue=next`]: [forbidden],
  });
  expect(await source.names(deployments)).toEqual(["a", "b"]);
  expect(unused()).toEqual([]);
});

test("with -A they are those of all namespaces", async () => {
  const { source } = await sourceOf(
    { "GET /apis/apps/v1/deployments?limit=500": [{ items: named("a", "a", "b") }] },
    { allNamespaces: true },
  );
  expect(await source.names(deployments)).toEqual(["a", "b"]);
});

test("a refusal is no name, no namespace, no reason and no container", async () => {
  const { source } = await sourceOf({
    [listDeployments]: [forbidden],
    "GET /api/v1/namespaces?limit=500": [forbidden],
    "GET /api/v1/namespaces/default/events?limit=500": [forbidden],
    "GET /api/v1/namespaces/default/pods/p": [forbidden],
  });
  expect(await source.names(deployments)).toEqual([]);
  expect(await source.namespaces()).toEqual([]);
  expect(await source.reasons()).toEqual([]);
  expect(await source.containers("p")).toEqual([]);
});

test("reasons and containers", async () => {
  const event = (reason: string) => ({ metadata: { name: "e", namespace: "default" }, reason });
  const spec = { initContainers: [{ name: "init" }], containers: [{ name: "main" }, {}] };
  const { source } = await sourceOf({
    "GET /api/v1/namespaces/default/events?limit=500": [
      { items: [event("Pulled"), event("BackOff"), event("Pulled")] },
    ],
    "GET /api/v1/namespaces/default/pods/p": [{ metadata: { name: "p", namespace: "default" }, spec }],
  });
  expect(await source.reasons()).toEqual(["Pulled", "BackOff"]);
  expect(await source.containers("p")).toEqual(["main", "init"]);
});

const discovery: Script = {
  "GET /api": [{ kind: "APIGroupDiscoveryList", items: [] }],
  "GET /apis": [
    {
      kind: "APIGroupDiscoveryList",
      items: [
        {
          metadata: { name: "example.com" },
          versions: ["v2", "v1"].map((version) => ({
            version,
            resources: [
              {
                resource: "widgets",
                responseKind: { kind: "Widget" },
                scope: "Namespaced",
                singularResource: "widget",
              },
              { resource: "widgetreviews", responseKind: { kind: "WidgetReview" }, scope: "Cluster" },
            ],
          })),
        },
        {
          metadata: { name: "metrics.k8s.io" },
          versions: [{ version: "v1", resources: [{ resource: "pods", responseKind: { kind: "PodMetrics" } }] }],
        },
      ],
    },
  ],
};

test("types come from the server once, then from the cache, each in one version, without what nobody can read", async () => {
  const first = await sourceOf(discovery);
  const types = (await first.source.types()).map(({ plural, version }) => `${plural} ${version}`);
  expect(types).toEqual(["widgets v2"]);
  expect(await first.source.type("widget")).toMatchObject({ kind: "Widget" });
  expect(first.asked).toEqual(["GET /api", "GET /apis"]);
  const second = await sourceOf({});
  expect((await second.source.types()).map(({ plural }) => plural)).toEqual(["widgets"]);
});

test("the types of Kubernetes itself need no server, and are all there is without one", async () => {
  const { source, asked } = await sourceOf({ "GET /api": [forbidden], "GET /apis": [forbidden] });
  expect(await source.type("deploy")).toMatchObject({ kind: "Deployment" });
  expect(asked).toEqual([]);
  expect((await source.types()).map(({ plural }) => plural)).toContain("deployments");
  expect(await readdir(cacheDir)).toEqual([]);
  const context = fakeContext({ connect: async () => Promise.reject(new Error("no such context")) });
  const none = await createClusterSource({}, context, new AbortController().signal);
  expect((await none.types()).map(({ plural }) => plural)).toContain("deployments");
  expect(await none.type("sts")).toMatchObject({ kind: "StatefulSet" });
  expect(await none.names(deployments)).toEqual([]);
});
