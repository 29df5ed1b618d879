import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../../src/events/event.ts";
import { takeIn } from "../../../src/route/core/take-in.ts";
import type { KnownEvent } from "../../../src/route/store/route-store.ts";
import { storedEvent } from "../../support/sample-delivery.ts";

const now = 1_700_000_000_000;
const uid = "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10";

const state = (resourceVersion: string, more: Partial<KubeEvent> = {}): KubeEvent => {
  const event = storedEvent(more);
  return { ...event, metadata: { ...event.metadata, resourceVersion } };
};
const known = (resourceVersion: string, count: number): KnownEvent => ({ uid, resourceVersion, count, seenAt: 1 });
const watched = (event: KubeEvent, before?: KnownEvent) => takeIn({ event, isListed: false }, before, now);
const listed = (event: KubeEvent, before?: KnownEvent) => takeIn({ event, isListed: true }, before, now);

describe("an event that is not known", () => {
  test("is delivered with all of its occurrences, and without managedFields", () => {
    const event = state("4711");
    const managed = { ...event, metadata: { ...event.metadata, managedFields: [{ manager: "kubelet" }] } };
    expect(watched(managed as KubeEvent)).toEqual({
      known: { uid, resourceVersion: "4711", count: 3, seenAt: now },
      delivery: { id: `${uid}/4711`, verb: "ADDED", delta: 3, count: 3, time: "2026-11-23T09:29:30Z", event },
    });
  });

  test("is replayed where a list shows it", () => {
    expect(listed(state("4711"))?.delivery).toEqual({
      ...watched(state("4711"))?.delivery,
      replayed: true,
    });
  });

  test("is one occurrence where it does not say how many", () => {
    const { count: _, ...event } = state("1", { firstTimestamp: null, lastTimestamp: null });
    expect(watched(event)).toMatchObject({ known: { count: 1 }, delivery: { delta: 1, count: 1 } });
  });
});

describe("an event that is known", () => {
  test("is delivered with what is new in its count", () => {
    expect(watched(state("4800", { count: 9 }), known("4711", 3))).toEqual({
      known: { uid, resourceVersion: "4800", count: 9, seenAt: now },
      delivery: {
        id: `${uid}/4800`,
        verb: "UPDATED",
        delta: 6,
        count: 9,
        time: "2026-11-23T09:29:30Z",
        event: state("4800", { count: 9 }),
      },
    });
  });

  test("is counted by its series, where it has no other count", () => {
    const series = (count: number) =>
      state(String(4_711 + count), {
        count: 0,
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: "2026-11-23T09:00:00.000001Z",
        ...(count > 1 && { series: { count, lastObservedTime: "2026-11-23T09:05:00.123456Z" } }),
      });
    expect(watched(series(1))?.delivery).toMatchObject({
      verb: "ADDED",
      delta: 1,
      time: "2026-11-23T09:00:00.000001Z",
    });
    expect(watched(series(5), known("4712", 1))?.delivery).toMatchObject({
      verb: "UPDATED",
      delta: 4,
      count: 5,
      time: "2026-11-23T09:05:00.123456Z",
    });
  });

  test("is none of the router's business in a state that was taken in, or an older one of a watch", () => {
    expect(watched(state("4711"), known("4711", 3))).toBeUndefined();
    expect(listed(state("4711"), known("4711", 3))).toBeUndefined();
    expect(watched(state("999", { count: 9 }), known("4711", 3))).toBeUndefined();
  });

  test("is only known anew where something but its count changed", () => {
    expect(watched(state("4800"), known("4711", 3))).toEqual({
      known: { uid, resourceVersion: "4800", count: 3, seenAt: now },
      delivery: undefined,
    });
  });

  test("whose count falls stays counted", () => {
    const fallen = watched(state("4800", { count: 1 }), known("4711", 3));
    expect(fallen).toEqual({ known: { uid, resourceVersion: "4800", count: 3, seenAt: now }, delivery: undefined });
    expect(watched(state("4801", { count: 4 }), fallen?.known)?.delivery).toMatchObject({ delta: 1, count: 4 });
  });

  test("is listed in an older state where the server's store was set back", () => {
    expect(listed(state("999", { count: 2 }), known("4711", 3))).toEqual({
      known: { uid, resourceVersion: "999", count: 3, seenAt: now },
      delivery: undefined,
    });
  });

  test("is compared by the value of its version", () => {
    expect(watched(state("10000", { count: 4 }), known("9999", 3))?.delivery).toMatchObject({ delta: 1 });
    expect(watched(state("18446744073709551617", { count: 4 }), known("18446744073709551616", 3))).toBeDefined();
    expect(watched(state("b", { count: 4 }), known("a", 3))?.delivery).toMatchObject({ delta: 1 });
    expect(watched(state("a", { count: 4 }), known("a", 3))).toBeUndefined();
  });
});

test.each([
  [
    "the last of a series",
    { series: { count: 2, lastObservedTime: "2026-11-23T09:01:00.5Z" } },
    "2026-11-23T09:01:00.5Z",
  ],
  ["the last", {}, "2026-11-23T09:29:30Z"],
  ["the only one", { lastTimestamp: null, eventTime: "2026-11-23T09:02:00.123456Z" }, "2026-11-23T09:02:00.123456Z"],
  ["the first", { lastTimestamp: null }, "2026-11-23T09:10:00Z"],
  [
    "when it was made",
    { firstTimestamp: "0001-01-01T00:00:00Z", lastTimestamp: "nonsense" },
    "2026-11-23T09:10:00.000Z",
  ],
])("the time is %s", (_what, more, time) => {
  expect(watched(state("1", more))?.delivery?.time).toBe(time);
});
