import { expect, test } from "@jest/globals";
import { isAtLeast } from "./go.ts";

test.each([
  ["go1.26.0", true],
  ["go1.26.8", true],
  ["go1.26", true],
  ["go1.27rc1", true],
  ["go2.0.0", true],
  ["go1.26.8-X:nodwarf5", true],
  ["devel go1.27-abcdef", true],
  ["go1.25.9", false],
  ["go1.9", false],
])("%s is at least 1.26.0: %s", (version, expected) => {
  expect(isAtLeast(version, "1.26.0")).toBe(expected);
});

test("the patch number counts", () => {
  expect(isAtLeast("go1.26.1", "1.26.2")).toBe(false);
});
