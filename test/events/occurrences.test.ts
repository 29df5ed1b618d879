import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { occurrencesOf } from "../../src/events/occurrences.ts";
import { sampleEvent } from "../support/sample-event.ts";

const created = { name: "x", creationTimestamp: "2026-11-23T09:00:00Z" };
const [ten, eleven, noon] = ["2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z", "2026-11-23T12:00:00Z"];
const zero = "0001-01-01T00:00:00Z";

describe("occurrencesOf", () => {
  test.each<[string, Partial<KubeEvent>, [number, string | undefined, string | undefined]]>([
    ["a count", { count: 3, firstTimestamp: ten, lastTimestamp: noon }, [3, ten, noon]],
    [
      "one that is counted once, and last seen later",
      { count: 1, firstTimestamp: ten, lastTimestamp: noon },
      [1, ten, noon],
    ],
    ["a series", { eventTime: ten, series: { count: 7, lastObservedTime: noon } }, [7, ten, noon]],
    [
      "a series of an older recorder",
      { firstTimestamp: ten, series: { count: 2, lastObservedTime: noon } },
      [2, ten, noon],
    ],
    [
      "a series beside a count",
      { count: 3, firstTimestamp: ten, lastTimestamp: eleven, series: { count: 4, lastObservedTime: noon } },
      [4, ten, noon],
    ],
    [
      "a series without a time",
      { eventTime: ten, lastTimestamp: eleven, series: { count: 2, lastObservedTime: zero } },
      [2, ten, eleven],
    ],
    [
      "a single time",
      { eventTime: "2026-11-23T10:00:00.123456Z" },
      [1, "2026-11-23T10:00:00.123Z", "2026-11-23T10:00:00.123Z"],
    ],
    [
      "nulls, as the server sends them",
      { count: 0, firstTimestamp: null, lastTimestamp: null, eventTime: ten, series: null },
      [1, ten, ten],
    ],
    [
      "zero times",
      { firstTimestamp: zero, lastTimestamp: zero, eventTime: "0001-01-01T00:00:00.000000Z" },
      [1, undefined, undefined],
    ],
    ["a first time only", { firstTimestamp: ten }, [1, ten, ten]],
    ["a last time only", { lastTimestamp: ten, count: 4, metadata: created }, [4, undefined, ten]],
    ["no time but its creation", { metadata: created }, [1, created.creationTimestamp, created.creationTimestamp]],
    ["what is no time", { lastTimestamp: "yesterday", firstTimestamp: "" }, [1, undefined, undefined]],
  ])("of %s", (_, more, [count, first, last]) => {
    expect(occurrencesOf(sampleEvent(more))).toEqual({
      count,
      first: first && new Date(first),
      last: last && new Date(last),
    });
  });
});
