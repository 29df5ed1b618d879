import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openSqliteStore } from "../../src/route/store/sqlite-store.ts";
import { openLibsql, openSqlite } from "../../src/store/sqlite-database.ts";
import { createMemoryTrackStore } from "../../src/track/memory-track-store.ts";
import { openSqliteTrackStore } from "../../src/track/sqlite-track-store.ts";
import type { KnownObject, OutboxEntry, TrackStore } from "../../src/track/track-store.ts";
import { storedEvent } from "../support/sample-delivery.ts";

const known = (uid: string, dueAt?: number, type = "deployments.apps"): KnownObject => {
  const state = { object: { spec: { replicas: 2 } }, visibility: 0 };
  const group = {
    seenAt: 1,
    at: 2,
    current: state,
    authors: { "spec.replicas": [{ manager: "m", operation: "Update" }] },
  };
  return {
    ...{ type, uid, base: state, times: { x: "2026-11-23T09:00:00Z" } },
    reference: { kind: "Deployment", name: uid },
    ...(dueAt !== undefined && { group: { ...group, dueAt } }),
  };
};
const queued = (sequence: number): OutboxEntry => ({
  sequence,
  seenAt: sequence * 10,
  event: storedEvent({ message: `${sequence}` }),
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-track-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe.each<[string, boolean, () => Promise<TrackStore>]>([
  ["in memory", false, async () => createMemoryTrackStore()],
  ["in a file", true, () => openSqliteTrackStore(join(folder, "deep/state.db"), openSqlite)],
  ["in a file, on Node before 24", true, () => openSqliteTrackStore(join(folder, "deep/state.db"), openLibsql)],
])("a tracker's store %s", (_where, isKept, open) => {
  let store: TrackStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  /** The store as a later run finds it. */
  async function later(): Promise<TrackStore> {
    if (!isKept) return store;
    await store.close();
    store = await open();
    return store;
  }

  test("knows nothing at first", async () => {
    expect(store.isKept).toBe(isKept);
    expect(await store.load()).toEqual({
      identity: undefined,
      marks: {},
      followedAt: {},
      visibilities: [],
      hashKey: undefined,
      lastSequence: 0,
    });
    expect(await store.known("pods", "a")).toBeUndefined();
    expect(await store.uidsAfter("pods", "", 5)).toEqual([]);
    expect(await store.due({ until: 1e15 }, 5)).toEqual([]);
    expect(await store.groups()).toEqual({ count: 0, firstDueAt: undefined });
    expect(await store.outbox(0, 5)).toEqual([]);
    expect(await store.waiting()).toEqual({ count: 0, oldestAt: undefined });
  });

  test("keeps all that it is told, and the parts that a change leaves out", async () => {
    const identity = { cluster: "c", namespace: "prod", selector: "" };
    await store.commit({ identity, visibilities: ["a"], hashKey: "k", marks: { pods: "18446744073709551617" } });
    await store.commit({
      visibilities: ["a", "b"],
      marks: { nodes: "7" },
      followedAt: { nodes: 5 },
      queued: [queued(3)],
    });
    await store.commit({ sent: [3] });
    expect(await (await later()).load()).toEqual({
      ...{ identity, visibilities: ["a", "b"], hashKey: "k", lastSequence: 3 },
      marks: { pods: "18446744073709551617", nodes: "7" },
      followedAt: { nodes: 5 },
    });
  });

  test("knows objects by type and uid, until they are forgotten", async () => {
    const [a, b, pod] = [known("a", 50), known("b"), known("a", undefined, "pods")];
    await store.commit({ known: [b, a, pod] });
    expect(await (await later()).known("deployments.apps", "a")).toEqual(a);
    expect(await store.known("pods", "a")).toEqual(pod);
    expect(await store.uidsAfter("deployments.apps", "", 5)).toEqual(["a", "b"]);
    expect(await store.uidsAfter("deployments.apps", "a", 5)).toEqual(["b"]);
    expect(await store.uidsAfter("deployments.apps", "", 1)).toEqual(["a"]);
    await store.commit({ forgotten: [a] });
    expect(await store.known("deployments.apps", "a")).toBeUndefined();
    expect(await store.known("pods", "a")).toEqual(pod);
  });

  test("tells which groups are due, the first due first, until they are closed", async () => {
    await store.commit({ known: [known("a", 70), known("b", 50), known("c"), known("d", 90)] });
    expect((await (await later()).due({ until: 80 }, 5)).map(({ uid }) => uid)).toEqual(["b", "a"]);
    expect((await store.due({ until: 80 }, 1)).map(({ uid }) => uid)).toEqual(["b"]);
    expect((await store.due({ until: 60, beyond: 80 }, 5)).map(({ uid }) => uid)).toEqual(["b", "d"]);
    expect(await store.groups()).toEqual({ count: 3, firstDueAt: 50 });
    await store.commit({ known: [known("b")] });
    expect(await store.groups()).toEqual({ count: 2, firstDueAt: 70 });
  });

  test("keeps events in order until they are sent", async () => {
    await store.commit({ queued: [queued(1), queued(2), queued(3)] });
    expect(await (await later()).outbox(0, 2)).toEqual([queued(1), queued(2)]);
    await store.commit({ sent: [1] });
    expect((await store.outbox(0, 5)).map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect((await store.outbox(2, 5)).map(({ sequence }) => sequence)).toEqual([3]);
    expect(await store.waiting()).toEqual({ count: 2, oldestAt: 20 });
  });
});

test("a store in memory holds more events than arguments may be", async () => {
  const store = createMemoryTrackStore();
  const event = storedEvent({});
  const many = Array.from({ length: 150_000 }, (_, index) => ({ sequence: index + 1, seenAt: index, event }));
  await store.commit({ queued: many });
  expect(await store.waiting()).toEqual({ count: 150_000, oldestAt: 0 });
  // Each by itself, as the sender does: not all of them are looked through each time.
  let found = 0;
  for (const { sequence } of many) {
    found += (await store.outbox(sequence - 1, 1)).length;
    await store.commit({ sent: [sequence] });
  }
  expect([found, await store.outbox(0, 8)]).toEqual([150_000, []]);
});

test("a tracker's state is not a router's, nor the other way round", async () => {
  const [tracks, routes] = [join(folder, "t.db"), join(folder, "r.db")];
  await (await openSqliteTrackStore(tracks)).close();
  await (await openSqliteStore(routes)).close();
  await expect(openSqliteStore(tracks)).rejects.toMatchObject({
    kind: "usage",
    message: `state ${tracks} is of another program`,
  });
  await expect(openSqliteTrackStore(routes)).rejects.toMatchObject({
    message: `state ${routes} is of another program`,
  });
  await (await openSqliteTrackStore(tracks)).close();
});

test("a tracker's state is used by one at a time", async () => {
  const file = join(folder, "t.db");
  const store = await openSqliteTrackStore(file);
  await expect(openSqliteTrackStore(file)).rejects.toMatchObject({
    message: `state ${file} is in use by another process`,
    hint: "a second tracker needs a state of its own: --state FILE",
  });
  await store.close();
});
