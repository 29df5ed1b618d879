import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KnownEvent, QueuedDelivery, RouteStore } from "../../../src/route/store/route-store.ts";
import { sampleDelivery } from "../../support/sample-delivery.ts";

/** Where a store is kept. */
export interface StorePlace {
  open(): Promise<RouteStore>;
  remove(): Promise<void>;
}

const event = (uid: string, resourceVersion: string, count = 1, seenAt = 1_000): KnownEvent => ({
  uid,
  resourceVersion,
  count,
  seenAt,
});

const queued = (sequence: number, targets: Record<string, number>, bytes = 10): QueuedDelivery => ({
  sequence,
  at: sequence * 1_000,
  targets,
  bytes,
  delivery: sampleDelivery({ id: `uid-${sequence}/${sequence}`, count: 2 ** 40 }),
});

/** What every store does. `isKept`: false for one that is forgotten when it is closed, and that cannot fail. */
export function testStore(name: string, isKept: boolean, makePlace: () => Promise<StorePlace>): void {
  describe(`the store ${name}`, () => {
    let place: StorePlace;
    let store: RouteStore;

    beforeEach(async () => {
      place = await makePlace();
      store = await place.open();
    });
    afterEach(async () => {
      await store.close();
      await place.remove();
    });

    /** The store as a later run finds it. */
    async function later(): Promise<RouteStore> {
      if (!isKept) return store;
      await store.close();
      store = await place.open();
      return store;
    }

    test("knows nothing at first", async () => {
      expect(await store.load()).toEqual({ checkpoint: {}, identity: undefined, lastSequence: 0, cursors: {} });
      expect(await store.known(["a"])).toEqual(new Map());
      expect(await store.knownAfter("", 10)).toEqual([]);
      expect(await store.queued("chat", 0, { events: 10, bytes: 1_000 })).toEqual([]);
      expect(await store.backlog()).toEqual(new Map());
      expect(await store.repeat("a", "r")).toBeUndefined();
    });

    test("keeps the parts of checkpoint and identity that a change leaves out", async () => {
      await store.commit({ checkpoint: { mark: "18446744073709551617", aliveAt: 5 } });
      await store.commit({ checkpoint: { aliveAt: 1_800_000_000_000 }, identity: { cluster: "c", namespace: "" } });
      expect(await (await later()).load()).toEqual({
        checkpoint: { mark: "18446744073709551617", aliveAt: 1_800_000_000_000 },
        identity: { cluster: "c", namespace: "" },
        lastSequence: 0,
        cursors: {},
      });
    });

    test("knows events, their newest state, and forgets them with what routes remember of them", async () => {
      await store.commit({ known: [event("b", "2"), event("a", "1"), event("c", "3")] });
      await store.commit({
        known: [event("a", "9", 12, 1_800_000_000_000)],
        forgotten: ["c"],
        repeats: [
          { uid: "a", route: "r", at: 7, held: 2 },
          { uid: "b", route: "r", at: 8, held: 0 },
        ],
      });
      await store.commit({ repeats: [{ uid: "a", route: "r", at: 1_800_000_000_000, held: 3 }], forgotten: ["b"] });
      await later();
      const a = event("a", "9", 12, 1_800_000_000_000);
      expect(await store.known(["a", "b", "c", "d"])).toEqual(new Map([["a", a]]));
      expect(await store.knownAfter("", 10)).toEqual([a]);
      expect(await store.repeat("a", "r")).toEqual({ uid: "a", route: "r", at: 1_800_000_000_000, held: 3 });
      expect(await store.repeat("b", "r")).toBeUndefined();
    });

    test("pages through known events in the order of their uids", async () => {
      await store.commit({ known: ["d", "a", "c", "b"].map((uid) => event(uid, "1")) });
      const uids = async (after: string) => (await store.knownAfter(after, 3)).map(({ uid }) => uid);
      expect(await uids("")).toEqual(["a", "b", "c"]);
      expect(await uids("c")).toEqual(["d"]);
    });

    test("gives each sink what is for it, in order, as it was queued", async () => {
      const deliveries = [queued(1, { chat: 1 }), queued(2, { loki: 1 }), queued(3, { loki: 4, chat: 1 })];
      await store.commit({ cursors: { chat: 0, loki: 0 }, queued: deliveries });
      await later();
      expect(await store.queued("chat", 0, { events: 10, bytes: 1_000 })).toEqual([deliveries[0], deliveries[2]]);
      expect(await store.queued("chat", 1, { events: 10, bytes: 1_000 })).toEqual([deliveries[2]]);
      expect(await store.queued("loki", 0, { events: 1, bytes: 1_000 })).toEqual([deliveries[1]]);
      expect((await store.load()).lastSequence).toBe(3);
    });

    test("gives no more than the limit holds, but the first", async () => {
      const sizes = [50, 60, 10];
      await store.commit({ queued: sizes.map((bytes, index) => queued(index + 1, { chat: 1 }, bytes)) });
      const given = async (bytes: number) =>
        (await store.queued("chat", 0, { events: 10, bytes })).map(({ sequence }) => sequence);
      expect(await given(1)).toEqual([1]);
      expect(await given(110)).toEqual([1, 2]);
      expect(await given(119)).toEqual([1, 2]);
      expect(await given(120)).toEqual([1, 2, 3]);
    });

    test("lets go what every sink has taken, and counts what waits", async () => {
      await store.commit({
        cursors: { chat: 0, loki: 0 },
        queued: [queued(1, { chat: 1 }, 5), queued(2, { loki: 1 }, 6), queued(3, { loki: 1, chat: 1 }, 7)],
      });
      expect(await store.backlog()).toEqual(
        new Map([
          ["chat", { events: 2, bytes: 12, oldestAt: 1_000 }],
          ["loki", { events: 2, bytes: 13, oldestAt: 2_000 }],
        ]),
      );
      await store.commit({ cursors: { loki: 3 } });
      expect(await store.backlog()).toEqual(new Map([["chat", { events: 2, bytes: 12, oldestAt: 1_000 }]]));
      expect((await store.queued("loki", 0, { events: 10, bytes: 1_000 })).map(({ sequence }) => sequence)).toEqual([
        3,
      ]);
      await store.commit({ cursors: { chat: 3 } });
      await later();
      expect(await store.backlog()).toEqual(new Map());
      expect(await store.queued("chat", 0, { events: 10, bytes: 1_000 })).toEqual([]);
      expect(await store.load()).toMatchObject({ lastSequence: 3, cursors: { chat: 3, loki: 3 } });
    });

    test("lets go what its sinks have taken however far others are behind", async () => {
      const left = async () => {
        const all = await Promise.all(["dead", "slow", "quick"].map((sink) => store.queued(sink, 0, large)));
        return all.map((deliveries) => deliveries.map(({ sequence }) => sequence));
      };
      const large = { events: 10, bytes: 1_000 };
      await store.commit({
        cursors: { dead: 0, slow: 0, quick: 0 },
        queued: [
          queued(1, { dead: 1 }),
          ...[2, 4, 6].map((sequence) => queued(sequence, { slow: 1 })),
          ...[3, 5].map((sequence) => queued(sequence, { slow: 1, quick: 1 })),
        ].sort((a, b) => a.sequence - b.sequence),
      });
      await store.commit({ cursors: { quick: 6 } });
      expect(await left()).toEqual([[1], [2, 3, 4, 5, 6], [3, 5]]);
      await store.commit({ cursors: { slow: 3 } });
      expect(await left()).toEqual([[1], [4, 5, 6], [5]]);
      await later();
      await store.commit({ cursors: { slow: 6, quick: 6 } });
      expect(await left()).toEqual([[1], [], []]);
    });

    test("lets go what waited for a removed sink once nobody else waits, and all of it where there is no other", async () => {
      const targets: Record<string, number>[] = [{ gone: 1, chat: 1 }, { gone: 1 }, { dead: 1 }];
      await store.commit({
        cursors: { gone: 0, chat: 0, dead: 0 },
        queued: targets.map((each, index) => queued(index + 1, each)),
      });
      await store.commit({ removed: ["gone"] });
      const left = async () =>
        (await store.queued("gone", 0, { events: 10, bytes: 1_000 })).map(({ sequence }) => sequence);
      expect(await left()).toEqual([1]);
      expect([...(await store.backlog()).keys()]).toEqual(["chat", "dead"]);
      await store.commit({ cursors: { chat: 3 } });
      expect(await left()).toEqual([]);
      await store.commit({ removed: ["chat", "dead"] });
      expect(await store.queued("dead", 0, { events: 10, bytes: 1_000 })).toEqual([]);
    });

    test("lets go what waits for a sink that is removed, and nothing else", async () => {
      await store.commit({
        cursors: { chat: 0, loki: 0 },
        queued: [queued(1, { chat: 1 }), queued(2, { loki: 1, chat: 1 })],
      });
      await store.commit({ removed: ["chat"] });
      expect((await store.load()).cursors).toEqual({ loki: 0 });
      expect((await store.queued("chat", 0, { events: 10, bytes: 1_000 })).map(({ sequence }) => sequence)).toEqual([
        2,
      ]);
      expect((await store.queued("loki", 0, { events: 10, bytes: 1_000 })).map(({ sequence }) => sequence)).toEqual([
        2,
      ]);
    });

    test("gives sequences out once, also when the queue was emptied in between", async () => {
      await store.commit({ cursors: { chat: 0 }, queued: [queued(41, { chat: 1 })] });
      await store.commit({ cursors: { chat: 41 } });
      expect((await (await later()).load()).lastSequence).toBe(41);
    });

    if (isKept) {
      test("stores nothing of a change that fails", async () => {
        await store.commit({ queued: [queued(1, { chat: 1 })] });
        const change = { known: [event("a", "1")], queued: [queued(1, { chat: 1 })], checkpoint: { mark: "7" } };
        await expect(store.commit(change)).rejects.toThrow("state");
        expect(await store.known(["a"])).toEqual(new Map());
        expect((await store.load()).checkpoint).toEqual({});
        await store.commit({ known: [event("a", "1")] });
        expect((await store.known(["a"])).size).toBe(1);
      });
    }
  });
}
