import { expect, test } from "@jest/globals";
import { findGap } from "../../../src/route/core/find-gap.ts";

const minute = 60_000;
const eventTtl = 60 * minute;
const from = Date.parse("2026-11-23T08:00:00Z");
const gap = (minutes: number) => ({ from: new Date(from), to: new Date(from + minutes * minute) });

test.each([
  ["shorter than events live", 59, false, undefined, undefined],
  ["as long as events live", 60, false, undefined, gap(60)],
  ["longer, with an event that outlived it", 90, true, undefined, undefined],
  ["shorter, with an event gone that was old", 10, false, from - 51 * minute, undefined],
  ["shorter, with an event gone that should be there", 10, false, from - 49 * minute, gap(10)],
  ["shorter, with one gone and one that outlived it", 10, true, from, undefined],
] as const)("an interruption %s", (_what, minutes, hasSurvivors, newestGone, expected) => {
  expect(findGap({ from, to: from + minutes * minute, hasSurvivors, newestGone, eventTtl })).toEqual(expected);
});
