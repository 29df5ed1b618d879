import { expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { type ListWatchOptions, type ListWatchStep, listWatch } from "../../src/kube/list-watch/list-watch.ts";
import { ownCluster } from "../support/own-cluster.ts";
import { persist } from "../support/persist.ts";

jest.setTimeout(120_000);

const cluster = ownCluster();
const { makeNamespace } = cluster;

/** Writes one event, whatever happens to the server meanwhile. */
async function write(path: string, name: string): Promise<void> {
  const namespace = path.split("/")[4];
  const involvedObject = { apiVersion: "v1", kind: "Pod", name: "pod", namespace };
  const body = { metadata: { name }, involvedObject, reason: "Tested", message: name, type: "Normal" };
  await persist(() => cluster.connection.request({ method: "POST", path, body }), 409);
}

async function count(path: string, name: string, times: number): Promise<void> {
  const contentType = "application/merge-patch+json";
  await persist(() =>
    cluster.connection.request({ method: "PATCH", path: `${path}/${name}`, body: { count: times }, contentType }),
  );
}

async function remove(path: string, name: string): Promise<void> {
  await persist(() => cluster.connection.request({ method: "DELETE", path: `${path}/${name}` }), 404);
}

async function writeMany(path: string, prefix: string, number: number): Promise<void> {
  let written = 0;
  const writer = async (): Promise<void> => {
    while (written < number) await write(path, `${prefix}-${written++}`);
  };
  await Promise.all(Array.from({ length: 8 }, writer));
}

const stateOf = ({ metadata }: KubeEvent): string => `${metadata.name} ${metadata.uid} ${metadata.resourceVersion}`;

/** Takes steps until an event of this name has come. */
async function until(
  name: string,
  options: Omit<ListWatchOptions, "signal">,
  onStep: (step: ListWatchStep<KubeEvent>) => unknown = () => undefined,
): Promise<ListWatchStep<KubeEvent>[]> {
  const steps: ListWatchStep<KubeEvent>[] = [];
  for await (const step of listWatch<KubeEvent>(cluster.connection, {
    ...options,
    signal: new AbortController().signal,
  })) {
    steps.push(step);
    onStep(step);
    if (step.type === "change" && step.object.metadata.name === name) break;
  }
  return steps;
}

const changesOf = (steps: readonly ListWatchStep<KubeEvent>[]) => steps.filter((step) => step.type === "change");
const causesOf = (steps: readonly ListWatchStep<KubeEvent>[]) =>
  steps.filter((step) => step.type === "synced").map(({ cause }) => cause);

test("restarts of the API server and a forgotten history lose nothing and double nothing", async () => {
  const path = await makeNamespace("restarts");
  await writeMany(path, "before", 1_200);
  let following: Promise<ListWatchStep<KubeEvent>[]> | undefined;
  await new Promise<void>((resolve) => {
    following = until("zz-last", { path, pageSize: 500 }, ({ type }) => type === "synced" && resolve());
  });

  let stopped = false;
  const created: string[] = [];
  const writing = (async () => {
    for (let i = 0; !stopped; i++) {
      await write(path, `during-${i}`);
      created.push(`during-${i}`);
      await count(path, `before-${i % 40}`, i + 2);
      if (i % 10 === 9) await remove(path, `before-${1_000 + i / 10}`);
    }
  })();
  await cluster.controlPlane.restartApiServer();
  await cluster.controlPlane.killApiServer();
  // The watch is now behind what etcd remembers.
  await cluster.controlPlane.compactEtcd();
  await cluster.controlPlane.startApiServer();
  await writeMany(path, "after", 200);
  stopped = true;
  await writing;
  await write(path, "zz-last");

  const steps = (await following) ?? [];
  const changes = changesOf(steps);
  const states = changes.map(({ object }) => stateOf(object));
  expect(states.filter((state, index) => states.indexOf(state) !== index)).toEqual([]);
  const missing = (await cluster.events("restarts")).map(stateOf).filter((state) => !new Set(states).has(state));
  expect(missing).toEqual([]);
  expect(created.length).toBeGreaterThan(0);
  const names = new Set(changes.map(({ object }) => object.metadata.name));
  expect(created.filter((name) => !names.has(name))).toEqual([]);
  expect(causesOf(steps)).toEqual(["start", "expired"]);
  const failures = steps.filter((step) => step.type === "failed");
  expect(failures.map(({ error }) => error.kind)).toContain("unreachable");
  expect(changes.every(({ object }) => object.kind === "Event" && object.apiVersion === "v1")).toBe(true);
});

test("from a checkpoint: the history while there is one, a list of what is newer when there is none", async () => {
  const path = await makeNamespace("checkpoint");
  await writeMany(path, "old", 20);
  await write(path, "zz-first");
  const first = changesOf(await until("zz-first", { path })).at(-1)?.object;
  await remove(path, "old-0");
  await write(path, "old-0");
  await count(path, "old-1", 2);
  await count(path, "old-1", 3);
  await write(path, "zz-second");

  const from = first?.metadata.resourceVersion;
  const summary = (steps: readonly ListWatchStep<KubeEvent>[]) =>
    steps.map((step) => {
      if (step.type !== "change") return step.type === "synced" ? step.cause : step.error.line;
      return `${step.change} ${step.object.metadata.name} ${step.object.count ?? ""}`.trim();
    });
  const history = ["added old-0", "modified old-1 2", "modified old-1 3", "added zz-second"];
  expect(summary(await until("zz-second", { path, from }))).toEqual(history);
  const withDeletion = await until("zz-second", { path, from, deletions: true });
  expect(summary(withDeletion)).toEqual(["deleted old-0", ...history]);

  await cluster.controlPlane.compactEtcd();
  const listed = ["listed old-0", "listed old-1 3", "listed zz-second"];
  expect(summary(await until("zz-second", { path, from }))).toEqual(listed);
});

test("field and label selectors are the server's work", async () => {
  const path = await makeNamespace("selected");
  await write(path, "one");
  await write(path, "two");
  const found = await until("two", { path, fieldSelector: "metadata.name=two" });
  expect(changesOf(found).map(({ object }) => object.metadata.name)).toEqual(["two"]);
  const abort = new AbortController();
  const steps = listWatch(cluster.connection, { path, labelSelector: "app=none", signal: abort.signal });
  expect((await steps.next()).value).toMatchObject({ type: "synced", cause: "start" });
  const pending = steps.next();
  abort.abort();
  expect(await pending).toEqual({ done: true, value: undefined });
});
