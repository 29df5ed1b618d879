import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { combinedPrefix, createCorrelator } from "../../src/events/correlate.ts";
import type { KubeEvent } from "../../src/events/event.ts";
import { createRecentMap } from "../../src/util/recent-map.ts";
import { eventOf, goldenFile, type History, madeBy, type StepOutcome } from "./correlate-histories.ts";

const [header = "", ...lines] = readFileSync(goldenFile, "utf8").trim().split("\n");
const histories = lines.map((line) => JSON.parse(line) as History);

describe("client-go's own correlator", () => {
  test("has been asked in its present version, and about all that it does", () => {
    expect(JSON.parse(header)).toEqual({ madeBy });
    const outcomes = histories.flatMap((history) => history.outcomes);
    expect(outcomes.filter((outcome) => outcome === null).length).toBeGreaterThan(100);
    expect(outcomes.filter((outcome) => outcome?.[2] === 1).length).toBeGreaterThan(200);
    expect(outcomes.filter((outcome) => (outcome?.[1] ?? 0) > 1).length).toBeGreaterThan(300);
  });

  test.each(histories.map((history, number) => ({ number, history })))("agrees: history $number", ({ history }) => {
    expect(replay(history)).toEqual(history.outcomes);
  });
});

/**
 * As the recorder does it: what is throttled is neither counted nor makes an event. Client-go does both in its memory, and
 * writes it with the next one, so it is added for the comparison.
 */
function replay({ options, steps }: History): StepOutcome[] {
  const correlator = createCorrelator(options);
  const written = createRecentMap<string, { madeBy: number; count: number }>(options.remembered);
  const throttled = new Map<string, { first: number; count: number }>();
  let now = Date.parse("2026-11-28T09:30:00Z");
  return steps.map((step, index) => {
    now += step[0];
    const { key, event } = correlator.combine(eventOf(step, index), now);
    const missed = throttled.get(key) ?? { first: index, count: 0 };
    if (!correlator.admit(event, now)) {
      throttled.set(key, { ...missed, count: missed.count + 1 });
      return null;
    }
    const isCombined = event.message?.startsWith(combinedPrefix) ? 1 : 0;
    const before = written.get(key) ?? { madeBy: isCombined ? index : missed.first, count: 0 };
    const { madeBy, count } = { ...before, count: before.count + 1 };
    written.set(key, { madeBy, count });
    return [madeBy, count + missed.count, isCombined];
  });
}

const base = eventOf([0, 0, 0, 0, 0, 0], 0);
const noon = Date.parse("2026-11-28T12:00:00Z");

describe("a combined event", () => {
  const annotated: KubeEvent = {
    ...base,
    metadata: { ...base.metadata, labels: { team: "a" }, annotations: { "example.com/build": "7" } },
    action: "Scale",
  };

  test("keeps its annotations, labels and reporter, which client-go loses", () => {
    const { event } = createCorrelator({ combineFrom: 1 }).combine(annotated, noon);
    expect(event).toEqual({ ...annotated, message: "(combined from similar events): message 0" });
  });

  test("has a message within the limit of the API", () => {
    const { event } = createCorrelator({ combineFrom: 1 }).combine({ ...base, message: "é".repeat(512) }, noon);
    expect(Buffer.byteLength(event.message ?? "")).toBeLessThanOrEqual(1_024);
    expect(event.message).toMatch(/^\(combined from similar events\): éé.*é…$/);
  });
});

test("events of which one part ends where the next begins are two", () => {
  const correlator = createCorrelator();
  const one = { ...base, reason: "Failed", message: "Mount of a" };
  const other = { ...base, reason: "FailedMount", message: " of a" };
  expect(correlator.combine(one, noon).key).not.toBe(correlator.combine(other, noon).key);
});

test("without limits nothing is combined or throttled", () => {
  const correlator = createCorrelator({ combineFrom: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY });
  for (let number = 0; number < 100; number++) {
    const event = { ...base, message: `message ${number}` };
    expect([correlator.combine(event, noon).event, correlator.admit(event, noon)]).toEqual([event, true]);
  }
});

test("a clock that goes back stops nothing", () => {
  const correlator = createCorrelator({ burst: 1 });
  const admitted = [0, -3_600_000, -3_300_000, -3_299_999].map((after) => correlator.admit(base, noon + after));
  expect(admitted).toEqual([true, false, false, false]);
  expect(correlator.admit(base, noon + 300_000)).toBe(true);
});

test.each([
  [{ combineFrom: 0 }, "combineFrom is 0; it must be a number of at least 1"],
  [{ refillEvery: Number.POSITIVE_INFINITY }, "refillEvery is Infinity; it must be a number of at least 1"],
  [{ burst: Number.NaN }, "burst is NaN; it must be a number of at least 1"],
])("%j is refused", (options, message) => {
  expect(() => createCorrelator(options)).toThrow(message);
});
