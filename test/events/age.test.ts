import { describe, expect, test } from "@jest/globals";
import { ageOf, humanDuration, sinceText, timeText } from "../../src/events/age.ts";
import { sampleEvent } from "../support/sample-event.ts";

const now = new Date("2026-11-23T09:30:00.500Z");
const [s, m, h, d] = [1_000, 60_000, 3_600_000, 86_400_000];

describe("humanDuration", () => {
  // The bounds of each unit; what k8s.io/apimachinery v0.36.1 prints.
  test.each([
    [-2 * s, "<invalid>"],
    [-1_999, "0s"],
    [-1, "0s"],
    [0, "0s"],
    [999, "0s"],
    [119_999, "119s"],
    [2 * m, "2m"],
    [2 * m + s, "2m1s"],
    [10 * m - 1, "9m59s"],
    [10 * m + 59 * s, "10m"],
    [3 * h - 1, "179m"],
    [3 * h, "3h"],
    [3 * h + m, "3h1m"],
    [8 * h - 1, "7h59m"],
    [8 * h + 59 * m, "8h"],
    [48 * h - 1, "47h"],
    [48 * h, "2d"],
    [49 * h, "2d1h"],
    [8 * d - 1, "7d23h"],
    [8 * d + 23 * h, "8d"],
    [2 * 365 * d - 1, "729d"],
    [2 * 365 * d, "2y"],
    [2 * 365 * d + d, "2y1d"],
    [8 * 365 * d - 1, "7y364d"],
    [8 * 365 * d + 300 * d, "8y"],
  ])("%d ms: %s", (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text);
  });
});

describe("ageOf", () => {
  const once = sampleEvent({ count: 1, firstTimestamp: "2026-11-23T09:25:00Z", lastTimestamp: "2026-11-23T09:25:00Z" });
  const thrice = sampleEvent({
    count: 3,
    firstTimestamp: "2026-11-23T09:10:00Z",
    lastTimestamp: "2026-11-23T09:18:00Z",
  });

  test("once, often, never", () => {
    expect([once, thrice, sampleEvent()].map((event) => ageOf(event, now))).toEqual([
      "5m",
      "12m (x3 over 20m)",
      "<unknown>",
    ]);
  });

  test("often, since nobody knows when", () => {
    expect(ageOf(sampleEvent({ count: 4, lastTimestamp: "2026-11-23T09:25:00Z" }), now)).toBe("5m (x4 over <unknown>)");
  });

  test("in UTC", () => {
    expect([once, thrice, sampleEvent()].map((event) => ageOf(event, now, { utc: true }))).toEqual([
      "2026-11-23T09:25:00Z",
      "2026-11-23T09:18:00Z (x3 since 2026-11-23T09:10:00Z)",
      "<unknown>",
    ]);
  });

  test("with what came on top", () => {
    expect(ageOf(thrice, now, { added: 2 })).toBe("12m (+2, x3)");
    expect(ageOf(thrice, now, { added: 2, utc: true })).toBe("2026-11-23T09:18:00Z (+2, x3)");
    expect(ageOf(thrice, now, { added: 0 })).toBe("12m (x3 over 20m)");
  });
});

test("one time as text", () => {
  const time = new Date("2026-11-23T09:25:00.999Z");
  expect([sinceText(time, now), sinceText(undefined, now)]).toEqual(["4m59s", "<unknown>"]);
  expect([timeText(time), timeText(undefined)]).toEqual(["2026-11-23T09:25:00Z", "<unknown>"]);
});
