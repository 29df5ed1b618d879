import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { compareResourceVersions } from "../../../src/kube/list-watch/compare-resource-versions.ts";

test("decimal integers of any length are in the order of their values", () => {
  const version = fc.oneof(fc.bigInt({ min: 0n, max: 20n }), fc.bigInt({ min: 0n, max: 2n ** 130n }));
  fc.assert(
    fc.property(version, version, fc.nat(3), (a, b, zeros) => {
      const order = compareResourceVersions("0".repeat(zeros) + a, String(b));
      expect(Math.sign(order ?? Number.NaN)).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  // The same number when read as one.
  expect(compareResourceVersions("9007199254740993", "9007199254740992")).toBe(1);
  expect(compareResourceVersions("9", "10")).toBeLessThan(0);
});

test("anything else has no order, not even to itself", () => {
  for (const text of ["", "-1", "1.0", "1e3", " 1", "0x10", "abc", "１"]) {
    expect(compareResourceVersions(text, "5")).toBeUndefined();
    expect(compareResourceVersions("5", text)).toBeUndefined();
    expect(compareResourceVersions(text, text)).toBeUndefined();
  }
});
