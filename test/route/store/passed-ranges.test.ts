import { expect, test } from "@jest/globals";
import { passedRanges } from "../../../src/route/store/passed-ranges.ts";

test("each way that a sink has gone, once, and the rest of what a removed one had before it", () => {
  expect(
    passedRanges({
      before: { a: 3, b: 3, c: 1, d: 9, gone: 2 },
      moved: { a: 7, b: 7, c: 2, d: 9, new: 4 },
      removed: ["gone", "never there"],
      last: 9,
    }),
  ).toEqual([
    [3, 7],
    [1, 2],
    [0, 4],
    [2, 9],
    [0, 9],
  ]);
});

test("a cursor that goes back has passed nothing", () => {
  expect(passedRanges({ before: { a: 3 }, moved: { a: 1 }, removed: [], last: 9 })).toEqual([]);
});
