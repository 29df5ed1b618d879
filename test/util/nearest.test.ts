import { describe, expect, test } from "@jest/globals";
import { editDistance, nearest } from "../../src/util/nearest.ts";

describe("nearest", () => {
  const kinds = ["deployment", "daemonset", "statefulset", "pod", "pods", "service", "node"];

  test.each([
    ["deploymnet", ["deployment"]],
    ["deplyoment", ["deployment"]],
    ["Deployment", ["deployment"]],
    ["dep", ["deployment"]],
    ["pdo", ["pod"]],
    ["podss", ["pods", "pod"]],
    ["x", []],
    ["banana", []],
    ["", []],
  ])("%s", (word, near) => {
    expect(nearest(word, kinds)).toEqual(near);
  });

  test("gives at most so many, nearest first, then by name", () => {
    expect(nearest("aaaa", ["aaab", "aaaa", "aaac", "aaad"])).toEqual(["aaaa", "aaab", "aaac"]);
    expect(nearest("aaaa", ["aaab", "aaaa", "aaac", "aaad"], 1)).toEqual(["aaaa"]);
  });
});

describe("editDistance", () => {
  test.each([
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "abc", 0],
    ["abc", "acb", 1],
    ["ca", "abc", 3],
    ["kitten", "sitting", 3],
    ["😀", "x", 1],
  ])("%j to %j", (from, to, distance) => {
    expect(editDistance(from, to)).toBe(distance);
    expect(editDistance(to, from)).toBe(distance);
  });
});
