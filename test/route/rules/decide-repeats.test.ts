import { expect, test } from "@jest/globals";
import { decideRepeats } from "../../../src/route/rules/decide-repeats.ts";

const every = { every: 600_000 };

test.each([
  ["all", undefined, 2, { deliver: 2, next: undefined }],
  ["first", undefined, 2, { deliver: 2, next: { at: 1_000_000, held: 0 } }],
  ["first", { at: 5, held: 1 }, 2, { deliver: undefined, next: { at: 5, held: 3 } }],
  [every, undefined, 2, { deliver: 2, next: { at: 1_000_000, held: 0 } }],
  [every, { at: 400_001, held: 1 }, 2, { deliver: undefined, next: { at: 400_001, held: 3 } }],
  [every, { at: 400_000, held: 3 }, 2, { deliver: 5, next: { at: 1_000_000, held: 0 } }],
  // The clock was set back.
  [every, { at: 1_000_001, held: 3 }, 2, { deliver: 5, next: { at: 1_000_000, held: 0 } }],
] as const)("%j after %j: %p more", (repeats, previous, delta, expected) => {
  expect(decideRepeats(repeats, previous, delta, 1_000_000)).toEqual(expected);
});
