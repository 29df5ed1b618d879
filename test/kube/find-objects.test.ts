import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ApiError } from "../../src/kube/api-error.ts";
import { findObjects, type ObjectQuery } from "../../src/kube/find-objects.ts";
import { createTypeResolver } from "../../src/kube/resolve-type.ts";
import { apiVersionOf } from "../../src/kube/resource-type.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import type { Clock } from "../../src/util/clock.ts";
import { aggregatedCore, aggregatedGroups } from "./discovery-documents.ts";
import { notFound, pageNotFound, type Script, scriptedConnection, statusError } from "./scripted-connection.ts";

const clock: Clock = {
  now: () => new Date("2026-11-23T09:00:00Z"),
  sleep: () => Promise.reject(new Error("Unexpected sleep")),
};
const discovery = { "GET /api": [aggregatedCore], "GET /apis": [aggregatedGroups] };
const deployments = "GET /apis/apps/v1/namespaces/prod/deployments";
const widgets = "GET /apis/shop.example.com/v2/namespaces/prod/widgets";

/** As the server sends it when only metadata was asked for. */
function partial(name: string, namespace = "prod"): object {
  const metadata = { name, namespace, uid: `uid-${name}` };
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata };
}

/** What was found, a line each, and what was asked; fails when an answer was not asked for. */
async function find(script: Script, args: string[], rest: Partial<ObjectQuery> = {}): Promise<unknown> {
  const connection = scriptedConnection(script);
  const resolver = createTypeResolver(connection, { clock });
  const results = await findObjects(connection, resolver, {
    args,
    defaultKind: "Deployment",
    namespace: "prod",
    need: () => "metadata",
    cwd: "/nowhere",
    ...rest,
  });
  expect(connection.unused()).toEqual([]);
  const found = results.map((result) => {
    if ("error" in result) return `${result.target}: ${result.error.line}`;
    const { type, object } = result;
    return `${apiVersionOf(type)} ${object.apiVersion} ${object.kind}/${object.metadata.name}`;
  });
  return { found, asked: connection.asked };
}

describe("names", () => {
  test("a first bare word that may not be read is not known to be a name: nothing is found", async () => {
    const forbidden = statusError(403, { kind: "Status", reason: "Forbidden", message: "no" });
    const script = { ...discovery, [`${deployments}/widgt`]: [forbidden], [`${deployments}/web`]: [partial("web")] };
    await expect(find(script, ["widgt", "web"])).rejects.toBe(forbidden);
  });

  const missing = (name: string): Script => ({
    [`${deployments}/${name}`]: [notFound("deployments", "apps", name)],
    "GET /api/v1/namespaces/prod": [{ metadata: { name: "prod" } }],
    [`${deployments}?limit=500`]: [{ items: [partial("web")] }],
  });

  test.each([
    [
      "widgt",
      '"widgt" is no type, so it was read as a name; did you mean widgets.shop.example.com?\n' +
        "looked in namespace prod; -n names another",
    ],
    [
      "wev",
      '"wev" is no type, so it was read as a name; with TYPE/NAME it would not hold up the others\ndid you mean web?',
    ],
  ])("a first bare word that names nothing may be a type with a slip in it: %s", async (word, hint) => {
    const script = { ...discovery, ...missing(word), [`${deployments}/web`]: [partial("web")] };
    await expect(find(script, [word, "web"])).rejects.toMatchObject({
      kind: "not-found",
      message: `deployments.apps "${word}" not found`,
      hint,
    });
  });

  test("a later bare word that names nothing stops no other", async () => {
    const script = { ...discovery, ...missing("widgt"), [`${deployments}/web`]: [partial("web")] };
    expect(await find(script, ["web", "widgt"])).toMatchObject({
      found: [
        "apps/v1 apps/v1 Deployment/web",
        'deployments.apps "widgt": Error from server (NotFound): deployments.apps "widgt" not found',
      ],
    });
  });

  test("bare words in a namespace that is not there are told that", async () => {
    const gone = (): Error => notFound("namespaces", "", "prod");
    const script = {
      ...discovery,
      [`${deployments}/widgt`]: [notFound("deployments", "apps", "widgt")],
      [`${deployments}/web`]: [notFound("deployments", "apps", "web")],
      "GET /api/v1/namespaces/prod": [gone(), gone()],
      "GET /api/v1/namespaces?limit=500": [{ items: [] }, { items: [] }],
    };
    await expect(find(script, ["widgt", "web"])).rejects.toMatchObject({
      message: 'namespaces "prod" not found',
      hint: undefined,
    });
  });

  test.each<[object, string]>([
    [partial("api"), 'with another object: "api"'],
    [partial("ui", "dev"), 'with an object in namespace "dev"'],
    [{ metadata: { name: "ui" } }, "with an object without metadata.namespace"],
    [{ kind: "Status", metadata: {}, status: "Success" }, "with an object without metadata.name"],
    [{ items: [] }, "with an object without metadata.name"],
    [{ metadata: null }, "with an object without metadata.name"],
  ])("an answer that is not the object asked for is a failure: %j", async (answer, problem) => {
    expect(await find({ [`${deployments}/ui`]: [answer] }, ["deploy/ui"])).toMatchObject({
      found: [
        'deployments.apps "ui": Error from server: GET /apis/apps/v1/namespaces/prod/deployments/ui ' +
          `answered HTTP 200 ${problem}`,
      ],
    });
  });

  test("are read one by one, metadata only, in the order given", async () => {
    const script = {
      [`${deployments}/ui`]: [partial("ui")],
      "GET /api/v1/nodes/n1": [partial("n1")],
      [`${deployments}/api`]: [partial("api")],
    };
    expect(await find(script, ["deploy/ui", "node/n1", "deployments.apps/api"])).toEqual({
      found: ["apps/v1 apps/v1 Deployment/ui", "v1 v1 Node/n1", "apps/v1 apps/v1 Deployment/api"],
      asked: [`${deployments}/ui (metadata)`, "GET /api/v1/nodes/n1 (metadata)", `${deployments}/api (metadata)`],
    });
  });

  test("whole where the caller needs it, as the server sent it", async () => {
    const whole = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "ui", namespace: "prod" }, spec: {} };
    const connection = scriptedConnection({ [`${deployments}/ui`]: [whole] });
    const resolver = createTypeResolver(connection, { clock });
    const need = (type: { kind: string }) => (type.kind === "Deployment" ? "whole" : "metadata");
    const query = { args: ["ui"], defaultKind: "Deployment", namespace: "prod", cwd: "/nowhere", need } as const;
    expect(await findObjects(connection, resolver, query)).toEqual([
      { type: await resolver.resolve("deployments"), object: whole },
    ]);
    expect(connection.requests[0]?.accept).toBe("application/json");
  });

  test("one that is missing or refused does not stop the others", async () => {
    const forbidden = statusError(403, { reason: "Forbidden", message: `deployments.apps "c" is forbidden: no` });
    const script = {
      [`${deployments}/a`]: [notFound("deployments", "apps", "a")],
      [`${deployments}/b`]: [partial("b")],
      [`${deployments}/c`]: [forbidden],
    };
    expect(await find(script, ["deployment", "a", "b", "c"])).toMatchObject({
      found: [
        `deployments.apps "a": Error from server (NotFound): deployments.apps "a" not found`,
        "apps/v1 apps/v1 Deployment/b",
        `deployments.apps "c": Error from server (Forbidden): deployments.apps "c" is forbidden: no`,
      ],
    });
  });

  test("the same object twice is one", async () => {
    const script = { [`${deployments}/ui`]: [partial("ui")], "GET /api/v1/nodes/n1": [partial("n1")] };
    expect(await find(script, ["deploy/ui", "Deployment/ui", "no/n1", "nodes/n1"])).toMatchObject({
      found: ["apps/v1 apps/v1 Deployment/ui", "v1 v1 Node/n1"],
    });
  });

  test("a custom type is discovered; the reference gets the preferred version", async () => {
    const old = "GET /apis/shop.example.com/v1beta1/namespaces/prod/widgets/w";
    expect(await find({ ...discovery, [old]: [partial("w")] }, ["widgets.v1beta1.shop.example.com/w"])).toEqual({
      found: ["shop.example.com/v2 shop.example.com/v1beta1 Widget/w"],
      asked: ["GET /api", "GET /apis", `${old} (metadata)`],
    });
  });

  test("bare words are names once the first is no type", async () => {
    const script = { ...discovery, [`${deployments}/ui`]: [partial("ui")], [`${deployments}/pod`]: [partial("pod")] };
    expect(await find(script, ["ui", "pod"])).toMatchObject({
      found: ["apps/v1 apps/v1 Deployment/ui", "apps/v1 apps/v1 Deployment/pod"],
    });
  });

  test("an unknown type stops all, before any object is asked for", async () => {
    await expect(find(discovery, ["deploy/ui", "gizmo/g"])).rejects.toMatchObject({
      kind: "not-found",
      message: `the server doesn't have a resource type "gizmo"`,
    });
  });

  test("are refused across all namespaces", async () => {
    await expect(find({}, ["ui"], { allNamespaces: true })).rejects.toMatchObject({
      kind: "usage",
      message: "a resource cannot be retrieved by name across all namespaces",
    });
  });

  test("a name that is a path is refused", async () => {
    await expect(find({}, [".."])).rejects.toMatchObject({ kind: "usage" });
  });
});

describe("a server that does not serve a type as the built-in table has it", () => {
  const hpaPath = (version: string): string =>
    `GET /apis/autoscaling/${version}/namespaces/prod/horizontalpodautoscalers/h`;
  const resource = { resource: "horizontalpodautoscalers", responseKind: { kind: "HorizontalPodAutoscaler" } };
  const versions = [{ version: "v1", resources: [{ ...resource, scope: "Namespaced", shortNames: ["hpa"] }] }];
  const oldGroups = { kind: "APIGroupDiscoveryList", items: [{ metadata: { name: "autoscaling" }, versions }] };

  test("is discovered, and asked in its own version", async () => {
    const script = {
      "GET /api": [aggregatedCore],
      "GET /apis": [oldGroups],
      [hpaPath("v2")]: [pageNotFound()],
      [hpaPath("v1")]: [partial("h")],
    };
    expect(await find(script, ["hpa/h"])).toMatchObject({
      found: ["autoscaling/v1 autoscaling/v1 HorizontalPodAutoscaler/h"],
    });
  });

  test("may not know it at all", async () => {
    const script = {
      "GET /api": [aggregatedCore],
      "GET /apis": [oldGroups],
      [`${deployments}/ui`]: [pageNotFound()],
    };
    expect(await find(script, ["ui"])).toMatchObject({
      found: [`deployments.apps "ui": error: the server doesn't have a resource type "Deployment"`],
    });
  });

  test("keeps its answer where discovery says the same as the table", async () => {
    expect(await find({ ...discovery, [`${deployments}/ui`]: [pageNotFound()] }, ["ui"])).toMatchObject({
      found: [`deployments.apps "ui": Error from server: GET /some/path answered HTTP 404: 404 page not found`],
    });
  });
});

test("a server without discovery is told by what was asked for first", async () => {
  const script = { "GET /api": [pageNotFound()], "GET /apis": [pageNotFound()] };
  const first = new ApiError({ httpStatus: 404, request: "GET /first", bodyText: "404 page not found\n" });
  expect(await find({ ...script, [`${deployments}/ui`]: [first] }, ["ui"])).toMatchObject({
    found: ['deployments.apps "ui": Error from server: GET /first answered HTTP 404: 404 page not found'],
  });
});

describe("selectors", () => {
  const firstPage = `${deployments}?labelSelector=app%3Dx&limit=500`;
  const secondPage = `${firstPage}&continue=next`;

  test.each<[object, string]>([
    [{ items: {} }, "without a list"],
    [{ items: [partial("a"), {}] }, "with an object without metadata.name"],
    [{ items: [null] }, "with an object without metadata.name"],
    [{ items: [{ metadata: { name: "b" } }] }, "with an object without metadata.namespace"],
    [{ items: [partial("a", "dev")] }, 'with an object in namespace "dev"'],
  ])("take no answer that is no list of what was asked for: %j", async (answer, problem) => {
    expect(await find({ [firstPage]: [answer] }, [], { selector: "app=x" })).toMatchObject({
      found: [
        "deployments.apps: Error from server: GET /apis/apps/v1/namespaces/prod/deployments " +
          `answered HTTP 200 ${problem}`,
      ],
    });
  });

  test("are read page by page; items get the kind that lists leave out", async () => {
    const script = {
      [firstPage]: [
        { metadata: { continue: "next" }, items: [partial("a"), { metadata: { name: "b", namespace: "prod" } }] },
      ],
      [secondPage]: [{ metadata: {}, items: [partial("c")] }],
    };
    expect(await find(script, [], { selector: "app=x" })).toEqual({
      found: ["a", "b", "c"].map((name) => `apps/v1 apps/v1 Deployment/${name}`),
      asked: [`${firstPage} (metadata)`, `${secondPage} (metadata)`],
    });
  });

  test("begin again in one piece when the pages' snapshot is gone", async () => {
    const expired = statusError(410, { reason: "Expired", message: "The provided continue parameter is too old" });
    const script = {
      [firstPage]: [{ metadata: { continue: "next" }, items: [partial("a")] }],
      [secondPage]: [expired],
      [`${deployments}?labelSelector=app%3Dx`]: [{ metadata: {}, items: [partial("a"), partial("b")] }],
    };
    expect(await find(script, [], { selector: "app=x" })).toMatchObject({
      found: ["apps/v1 apps/v1 Deployment/a", "apps/v1 apps/v1 Deployment/b"],
    });
  });

  test("take several types, cluster-scoped ones too, and go on without one that is refused", async () => {
    const forbidden = statusError(403, { reason: "Forbidden", message: "nodes is forbidden: no" });
    const script = {
      ...discovery,
      [`${widgets}?limit=500`]: [{ items: [partial("w")] }],
      "GET /api/v1/nodes?limit=500": [forbidden],
    };
    expect(await find(script, ["wd,nodes"], { all: true })).toMatchObject({
      found: [
        "shop.example.com/v2 shop.example.com/v2 Widget/w",
        "nodes: Error from server (Forbidden): nodes is forbidden: no",
      ],
    });
  });

  test("take categories", async () => {
    const script = {
      ...discovery,
      "GET /api/v1/pods?limit=500": [{ items: [partial("p")] }],
      "GET /apis/apps/v1/deployments?limit=500": [{ items: null }],
      "GET /apis/shop.example.com/v2/widgets?limit=500": [{ items: [] }],
    };
    expect(await find(script, ["all"], { all: true, allNamespaces: true })).toMatchObject({ found: ["v1 v1 Pod/p"] });
  });

  test.each<[string[], Partial<ObjectQuery>, Script, string]>([
    [["deploy"], {}, { [`${deployments}?limit=500`]: [{ items: [] }] }, "No resources found in prod namespace."],
    [
      ["deploy"],
      { allNamespaces: true },
      { "GET /apis/apps/v1/deployments?limit=500": [{ items: [] }] },
      "No resources found",
    ],
    [["no"], {}, { "GET /api/v1/nodes?limit=500": [{ items: [] }] }, "No resources found"],
  ])("%j %j that select nothing are an error", async (args, rest, script, line) => {
    await expect(find(script, args, { all: true, ...rest })).rejects.toMatchObject({ kind: "not-found", line });
  });
});

describe("files", () => {
  async function findIn(script: Script, text: string, rest: Partial<ObjectQuery> = {}): Promise<unknown> {
    const cwd = await mkdtemp(join(tmpdir(), "kev-find-"));
    try {
      await writeFile(join(cwd, "app.yaml"), text);
      return await find(script, [], { files: ["app.yaml"], cwd, ...rest });
    } finally {
      await rm(cwd, { recursive: true });
    }
  }
  const manifest = (apiVersion: string, kind: string, metadata: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {${metadata}}\n---\n`;

  test("objects are looked up by their own version and namespace, else the command's", async () => {
    const script = {
      ...discovery,
      "GET /apis/autoscaling/v1/namespaces/prod/horizontalpodautoscalers/h": [partial("h")],
      "GET /apis/apps/v1/namespaces/dev/deployments/ui": [partial("ui", "dev")],
      "GET /api/v1/nodes/n1": [partial("n1")],
    };
    const text =
      manifest("autoscaling/v1", "HorizontalPodAutoscaler", "name: h") +
      manifest("apps/v1", "Deployment", "name: ui, namespace: dev") +
      manifest("v1", "Node", "name: n1, namespace: odd") +
      manifest("apps/v1", "Deployment", "name: ui, namespace: dev");
    expect(await findIn(script, text)).toMatchObject({
      found: [
        "autoscaling/v2 autoscaling/v1 HorizontalPodAutoscaler/h",
        "apps/v1 apps/v1 Deployment/ui",
        "v1 v1 Node/n1",
      ],
    });
  });

  test("an unknown kind is kubectl's error, beside the others", async () => {
    const text = manifest("shop.example.com/v9", "Widget", "name: w") + manifest("v1", "Node", "name: n1");
    expect(await findIn({ ...discovery, "GET /api/v1/nodes/n1": [partial("n1")] }, text)).toMatchObject({
      found: [
        `Widget "w": error: resource mapping not found for name: "w" namespace: "" from "app.yaml:1": ` +
          `no matches for kind "Widget" in version "shop.example.com/v9"`,
        "v1 v1 Node/n1",
      ],
    });
  });

  test("--namespace must not contradict a manifest; cluster-scoped objects have none", async () => {
    const enforced = { namespaceEnforced: true };
    const contrary = manifest("v1", "Node", "name: n1") + manifest("apps/v1", "Deployment", "name: ui, namespace: dev");
    await expect(findIn({}, contrary, enforced)).rejects.toMatchObject({
      kind: "usage",
      message:
        'the namespace from the provided object "dev" does not match the namespace "prod". ' +
        "You must pass '--namespace=dev' to perform this operation.",
      hint: 'the object is Deployment "ui" in app.yaml:5',
    });
    const node = manifest("v1", "Node", "name: n1, namespace: dev");
    expect(await findIn({ "GET /api/v1/nodes/n1": [partial("n1")] }, node, enforced)).toMatchObject({
      found: ["v1 v1 Node/n1"],
    });
  });

  test("stdin is read for -", async () => {
    const readStdin = (): Promise<string> => Promise.resolve(manifest("v1", "Node", "name: n1"));
    expect(await find({ "GET /api/v1/nodes/n1": [partial("n1")] }, [], { files: ["-"], readStdin })).toMatchObject({
      found: ["v1 v1 Node/n1"],
    });
  });
});

describe("failures of the whole", () => {
  const refused = (): UnreachableError => new UnreachableError("refused", "The connection to the server was refused");

  test("a server that is never reached is one error, not one per object", async () => {
    const script = { "GET /api/v1/nodes/a": [refused()], "GET /api/v1/nodes/b": [refused()] };
    await expect(find(script, ["node", "a", "b"])).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("a refused login is, too", async () => {
    const login = (): Error => statusError(401, { reason: "Unauthorized", message: "Unauthorized" });
    const script = { "GET /api/v1/nodes/a": [login()], "GET /api/v1/nodes/b": [login()] };
    await expect(find(script, ["node", "a", "b"])).rejects.toMatchObject({ httpStatus: 401 });
  });

  test("a connection that was cut once stays with its object", async () => {
    const script = { "GET /api/v1/nodes/a": [refused()], "GET /api/v1/nodes/b": [partial("b")] };
    expect(await find(script, ["node", "a", "b"])).toMatchObject({
      found: [`nodes "a": The connection to the server was refused`, "v1 v1 Node/b"],
    });
  });

  test("an abort is thrown", async () => {
    const reason = new Error("Interrupted");
    await expect(find({}, ["ui"], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test("what is no error of kev's is thrown", async () => {
    const bug = new TypeError("x is undefined");
    await expect(find({ [`${deployments}/ui`]: [bug] }, ["ui"])).rejects.toBe(bug);
  });
});
