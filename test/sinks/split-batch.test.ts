import { expect, test } from "@jest/globals";
import { splitBatch } from "../../src/sinks/split-batch.ts";

test.each([
  [[], []],
  [[1, 2, 3], [[1, 2, 3]]],
  [
    [1, 1, 1, 1],
    [[1, 1, 1], [1]],
  ],
  [
    [6, 4, 1],
    [[6, 4], [1]],
  ],
  [
    [3, 99, 3, 4],
    [[3], [99], [3, 4]],
  ],
])("splitBatch makes requests of at most three entries and ten bytes: %j", (sizes, expected) => {
  const requests = splitBatch(
    sizes.map((bytes) => ({ bytes })),
    { entries: 3, bytes: 10 },
  );
  expect(requests.map((entries) => entries.map(({ bytes }) => bytes))).toEqual(expected);
});
