import { describe, expect, test } from "@jest/globals";
import type { KubeEvent, ObjectReference } from "../../src/events/event.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { type OwnedByOptions, ownedBy } from "../../src/read/owned-by.ts";
import { notFound, type Script, scriptedConnection, statusError } from "../kube/scripted-connection.ts";
import { sampleEvent } from "../support/sample-event.ts";

const deployment: ObjectReference = { apiVersion: "apps/v1", kind: "Deployment", name: "ui", namespace: "prod" };
const apps = "/apis/apps/v1/namespaces/prod";
const pods = "/api/v1/namespaces/prod/pods";

function reference(apiVersion: string, kind: string, name: string, uid?: string): ObjectReference {
  return { apiVersion, kind, name, namespace: "prod", ...(uid !== undefined && { uid }) };
}

function about(involvedObject: ObjectReference, message = ""): KubeEvent {
  return sampleEvent({ involvedObject, message, metadata: { name: "e", namespace: "prod" } });
}

function object(name: string, uid: string, ...owners: ObjectReference[]): object {
  const ownerReferences = owners.map(({ namespace: _, ...owner }) => owner);
  return { metadata: { name, namespace: "prod", uid, ownerReferences } };
}

const root = { ...deployment, uid: "d" };
const replicaSet = reference("apps/v1", "ReplicaSet", "ui-bcd", "r");
const pod = reference("v1", "Pod", "ui-bcd-x2bcd", "p");
const deploymentThere = { [`GET ${apps}/deployments/ui`]: [object("ui", "d")] };
const replicaSetThere = { [`GET ${apps}/replicasets/ui-bcd`]: [object("ui-bcd", "r", root)] };
const podThere = { [`GET ${pods}/ui-bcd-x2bcd`]: [object("ui-bcd-x2bcd", "p", replicaSet)] };

async function select(script: Script, events: readonly KubeEvent[], options: OwnedByOptions = {}) {
  const connection = scriptedConnection(script);
  const rows = await ownedBy(connection, [deployment], options).select(events);
  expect(connection.unused()).toEqual([]);
  return rows.map(({ event, isGone }) => `${event.involvedObject.name}${isGone ? " (gone)" : ""}`);
}

describe("by ownerReferences", () => {
  test("through owners of which no event tells, and nothing else", async () => {
    const stranger = reference("apps/v1", "ReplicaSet", "other", "o");
    const script = {
      ...deploymentThere,
      ...replicaSetThere,
      ...podThere,
      [`GET ${apps}/replicasets/other`]: [object("other", "o")],
    };
    expect(await select(script, [about(pod), about(stranger)])).toEqual(["ui-bcd-x2bcd"]);
  });

  test("many of one type are listed, and nothing is looked up twice", async () => {
    const all = Array.from({ length: 5 }, (_, i) => reference("v1", "Pod", `p${i}`, `u${i}`));
    const items = all.map(({ name = "", uid = "" }, i) => object(name, uid, ...(i % 2 ? [root] : [])));
    const connection = scriptedConnection({
      ...deploymentThere,
      [`GET ${pods}?limit=1000`]: [{ metadata: {}, items }],
    });
    const tree = ownedBy(connection, [deployment]);
    for (let round = 0; round < 2; round++) {
      const rows = await tree.select(all.map((one) => about(one)));
      expect(rows.map(({ event }) => event.involvedObject.name)).toEqual(["p1", "p3"]);
    }
    expect(connection.unused()).toEqual([]);
  });

  test("of the root of that namespace only", async () => {
    const elsewhere = { ...deployment, namespace: "test", uid: "t" };
    const script = {
      ...deploymentThere,
      "GET /apis/apps/v1/namespaces/test/deployments/ui": [{ metadata: { name: "ui", namespace: "test", uid: "t" } }],
    };
    expect(await select(script, [about(root), about(elsewhere)])).toEqual(["ui"]);
  });

  test("a static pod by the uid of its manifest; objects without a namespace own nothing here and are not asked for", async () => {
    const mirrored = reference("v1", "Pod", "web", "hash");
    const metadata = { annotations: { "kubernetes.io/config.mirror": "hash" }, ownerReferences: [root] };
    const script = {
      ...deploymentThere,
      [`GET ${pods}/web`]: [{ metadata: { name: "web", namespace: "prod", uid: "p", ...metadata } }],
    };
    const node = { apiVersion: "v1", kind: "Node", name: "n1", uid: "n1" };
    expect(await select(script, [about(mirrored), about(node)])).toEqual(["web"]);
  });
});

describe("what is gone", () => {
  const missing = (type: string, group: string, name: string) => notFound(type, group, name);

  test("is told by its owner's events, in whatever order, or by its name", async () => {
    const script = {
      ...deploymentThere,
      [`GET ${apps}/replicasets/odd`]: [missing("replicasets", "apps", "odd")],
      [`GET ${pods}/odd-x2bcd`]: [missing("pods", "", "odd-x2bcd")],
      [`GET ${pods}/stray-x2bcd`]: [missing("pods", "", "stray-x2bcd")],
      [`GET ${pods}/any`]: [missing("pods", "", "any")],
    };
    const events = [
      about(reference("v1", "Pod", "odd-x2bcd", "1")),
      about(reference("v1", "Pod", "stray-x2bcd", "2")),
      about(reference("v1", "Pod", "any", "3")),
      about(reference("apps/v1", "ReplicaSet", "odd", "4"), "Created pod: any"),
      about(root, "Scaled down replica set odd from 1 to 0"),
    ];
    expect(await select(script, events)).toEqual(["odd-x2bcd (gone)", "any (gone)", "odd (gone)", "ui"]);
  });

  test("and one of the same name that is there is another", async () => {
    const former = { ...pod, uid: "former" };
    const twice = { [`GET ${apps}/deployments/ui`]: [object("ui", "d"), object("ui", "d")] };
    const script = { ...twice, ...replicaSetThere, ...podThere };
    // Its own ReplicaSet is known only once the new one has been looked up.
    expect(await select(script, [about(former), about(pod), about({ ...root, uid: "before" })])).toEqual([
      "ui-bcd-x2bcd (gone)",
      "ui-bcd-x2bcd",
      "ui (gone)",
    ]);
  });

  test("by names alone, through owners of which nothing is left", async () => {
    const lost = reference("v1", "Pod", "ui-bcd-x2bcd", "p");
    const script = { [`GET ${pods}/ui-bcd-x2bcd`]: [missing("pods", "", "ui-bcd-x2bcd")] };
    expect(await select(script, [about(lost)])).toEqual(["ui-bcd-x2bcd (gone)"]);
    // A ReplicaSet of that name that is there and is none of the Deployment's.
    const stranger = { [`GET ${apps}/replicasets/ui-bcd`]: [object("ui-bcd", "r")] };
    expect(await select({ ...script, ...stranger }, [about(lost), about(replicaSet)])).toEqual([]);
  });

  test("the root is known by what its events say of it", async () => {
    const nameless = { kind: "Deployment", name: "ui", namespace: "prod" };
    expect(await select(deploymentThere, [about(nameless)])).toEqual(["ui"]);
  });

  test("of a type that nobody serves any more, or of a name that cannot be", async () => {
    const script = { "GET /api": [], "GET /apis": [] };
    const events = [about({ apiVersion: "v1", kind: "Pod", name: "../x" })];
    expect(await select(script, events)).toEqual([]);
  });
});

describe("failures", () => {
  test("what may not be read is said once a type, and told by its name without being called gone", async () => {
    const forbidden = (name: string) =>
      statusError(403, { kind: "Status", message: `pods "${name}" is forbidden`, reason: "Forbidden", code: 403 });
    const said: string[] = [];
    const script = {
      ...deploymentThere,
      ...replicaSetThere,
      [`GET ${pods}/ui-bcd-x2bcd`]: [forbidden("ui-bcd-x2bcd")],
      [`GET ${pods}/other`]: [forbidden("other")],
    };
    const events = [about(replicaSet), about(pod), about(reference("v1", "Pod", "other", "o"))];
    const onUnreadable = ({ message }: Error): void => void said.push(message);
    expect(await select(script, events, { onUnreadable })).toEqual(["ui-bcd", "ui-bcd-x2bcd"]);
    expect(said).toEqual(['pods "ui-bcd-x2bcd" is forbidden']);
  });

  test("a type that the server cannot read takes no other along, and is asked for again", async () => {
    const broken = statusError(500, { kind: "Status", message: "conversion webhook failed", code: 500 });
    const items = Array.from({ length: 20 }, () => broken);
    const connection = scriptedConnection({
      ...deploymentThere,
      ...replicaSetThere,
      [`GET ${pods}/x`]: [...items],
    });
    const tree = ownedBy(connection, [deployment]);
    const events = [about(reference("v1", "Pod", "x", "x")), about(replicaSet)];
    const names = async () => (await tree.select(events)).map(({ event }) => event.involvedObject.name);
    expect(await names()).toEqual(["ui-bcd"]);
    const before = connection.asked.length;
    expect(await names()).toEqual(["ui-bcd"]);
    expect(connection.asked.slice(before).every((line) => line.startsWith(`GET ${pods}/x`))).toBe(true);
  });

  test("no login is thrown, and the same events may be given again", async () => {
    const denied = statusError(401, { kind: "Status", message: "Unauthorized", code: 401 });
    const script = { ...deploymentThere, [`GET ${apps}/replicasets/ui-bcd`]: [denied, object("ui-bcd", "r", root)] };
    const connection: Connection = scriptedConnection(script);
    const tree = ownedBy(connection, [deployment]);
    await expect(tree.select([about(replicaSet)])).rejects.toThrow("Unauthorized");
    expect(await tree.select([about(replicaSet)])).toHaveLength(1);
  });
});
