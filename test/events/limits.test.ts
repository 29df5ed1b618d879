import { describe, expect, test } from "@jest/globals";
import { truncateBytes, withinLimit } from "../../src/events/limits.ts";

describe("withinLimit", () => {
  test("counts bytes, as the server does", () => {
    expect(withinLimit("reason", "x".repeat(128))).toHaveLength(128);
    expect(withinLimit("message", "é".repeat(512))).toHaveLength(512);
    expect(() => withinLimit("message", "é".repeat(513))).toThrow("message is 1026 bytes long, the limit is 1024");
  });
});

describe("truncateBytes", () => {
  test.each([
    ["short", 10, "short"],
    ["exactly-10", 10, "exactly-10"],
    ["more than ten", 10, "more th…"],
    ["ééééééé", 10, "ééé…"],
    ["👍👍👍", 11, "👍👍…"],
    ["ok 👩‍🚀!!!", 14, "ok …"],
    ["e\u0301e\u0301e\u0301", 8, "e\u0301…"],
    ["e\u0301\u0302\u0303\u0304", 8, "e\u0301\u0302…"],
  ])("%s in %d bytes", (text, max, expected) => {
    expect(truncateBytes(text, max)).toBe(expected);
  });
});
