import { expect, test } from "@jest/globals";
import { createTypeResolver } from "../../src/kube/resolve-type.ts";
import { defaultSettings } from "../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../src/probe/config/parse-target-url.ts";
import { findSubjects } from "../../src/probe/find-subjects.ts";
import { notFound, type Script, scriptedConnection, statusError } from "../kube/scripted-connection.ts";
import { fakeClock } from "../support/fake-clock.ts";

const path = "GET /apis/networking.k8s.io/v1/namespaces/prod/ingresses";
const there = (name: string) => ({ metadata: { name, namespace: "prod", uid: name } });
const missing = (name: string): Script => ({
  [`${path}/${name}`]: [notFound("ingresses", "networking.k8s.io", name)],
  "GET /api/v1/namespaces/prod": [there("prod"), there("prod")],
  [`${path}?limit=500`]: [{ items: [] }, { items: [] }],
});

async function find(script: Script, names: readonly string[], mayMiss = true) {
  const connection = scriptedConnection(script);
  const resolver = createTypeResolver(connection, { clock: fakeClock("2026-11-28T10:00:00Z") });
  const entries = names.map((name) => {
    const url = name.startsWith("followed") ? undefined : targetUrl(`https://${name}`);
    return { name: undefined, url, on: `ingress/${name}`, namespace: "prod", settings: defaultSettings };
  });
  const found = await findSubjects(connection, resolver, entries, { signal: undefined, mayMiss });
  return found.map(({ object, isThere }) => ({ ...object.metadata, isThere }));
}

test("one object of many that is gone keeps nobody from the others", async () => {
  expect(await find({ ...missing("followed"), [`${path}/b`]: [there("b")] }, ["followed", "b"])).toEqual([
    { name: "followed", namespace: "prod", isThere: false },
    { name: "b", namespace: "prod", uid: "b", isThere: true },
  ]);
});

test("the only one has to be there, and one of all; and each where that is asked for", async () => {
  const gone = { ...missing("a"), ...missing("b") };
  const message = 'ingresses.networking.k8s.io "a" not found';
  await expect(find(gone, ["a"])).rejects.toMatchObject({ kind: "not-found", message });
  await expect(find(gone, ["a", "b"])).rejects.toMatchObject({ kind: "not-found", message });
  const some = { ...missing("a"), [`${path}/b`]: [there("b")] };
  await expect(find(some, ["a", "b"], false)).rejects.toMatchObject({ kind: "not-found", message });
});

test("one that may not be read is an error", async () => {
  const forbidden = statusError(403, { kind: "Status", reason: "Forbidden", message: "no" });
  await expect(find({ [`${path}/a`]: [forbidden], [`${path}/b`]: [there("b")] }, ["a", "b"])).rejects.toBe(forbidden);
});
