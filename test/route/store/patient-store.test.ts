import { expect, test } from "@jest/globals";
import { createMemoryStore } from "../../../src/route/store/memory-store.ts";
import { createPatientStore } from "../../../src/route/store/patient-store.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { recordingObserver } from "../../support/recording-observer.ts";

const full = new StoreError("the disk is full", { retriable: true });

/** A patient store over one that fails so before each call that works. */
function patient(failures: Error[]) {
  const observer = recordingObserver();
  const clock = fakeClock("2026-11-23T09:30:00Z");
  const ended = new AbortController();
  let left: Error[] = [];
  const store = createMemoryStore();
  const failing = Object.fromEntries(
    Object.entries(store).map(([name, method]) => [
      name,
      async (...what: unknown[]) => {
        const failure = left.shift();
        if (failure) throw failure;
        return (method as (...what: unknown[]) => unknown)(...what);
      },
    ]),
  ) as unknown as typeof store;
  const made = createPatientStore(failing, { clock, random: () => 1, observer, signal: ended.signal });
  return {
    store: made,
    observer,
    clock,
    ended,
    again: () => {
      left = [...failures];
    },
  };
}

test("waits for what may pass, whatever is asked of it, longer each time", async () => {
  const { store, observer, clock, again } = patient([full, full]);
  const limit = { events: 1, bytes: 1 };
  const calls = [
    () => store.commit({ checkpoint: { mark: "7" }, known: [{ uid: "a", resourceVersion: "1", count: 1, seenAt: 1 }] }),
    () => store.load(),
    async () => [...(await store.known(["a"])).keys()],
    async () => (await store.knownAfter("", 1)).length,
    () => store.repeat("a", "r"),
    () => store.queued("chat", 0, limit),
    async () => (await store.backlog()).size,
  ];
  const results: unknown[] = [];
  for (const call of calls) {
    again();
    results.push(await call());
  }
  expect(results).toEqual([
    undefined,
    { checkpoint: { mark: "7" }, cursors: {}, identity: undefined, lastSequence: 0 },
    ["a"],
    1,
    undefined,
    [],
    0,
  ]);
  expect(clock.slept).toEqual(calls.flatMap(() => [250, 500]));
  expect(observer.told).toEqual(
    calls.flatMap(() => [
      ["notStored", "the disk is full", 250],
      ["notStored", "the disk is full", 500],
    ]),
  );
});

test.each([
  ["a failure that lasts", new StoreError("the file is damaged", { retriable: false })],
  ["what is no failure of the store", new TypeError("a mistake")],
])("does not wait for %s", async (_what, error) => {
  const { store, observer, again } = patient([error]);
  again();
  await expect(store.load()).rejects.toBe(error);
  expect(observer.told).toEqual([]);
});

test("ends the waiting with the signal's reason", async () => {
  const { store, ended, again } = patient([full]);
  again();
  const reason = new Error("over");
  ended.abort(reason);
  await expect(store.load()).rejects.toBe(reason);
});
