import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { goJson } from "../../src/cli/go-json.ts";

describe("goJson", () => {
  test("indents as kubectl does and sorts keys by code point, numbers too", () => {
    const value = { b: [1, { z: null, a: true }], 10: "ten", 9: "nine", "😀": 1, "\uff5e": 2, empty: {}, none: [] };
    expect(goJson(value, 4)).toBe(`{
    "10": "ten",
    "9": "nine",
    "b": [
        1,
        {
            "a": true,
            "z": null
        }
    ],
    "empty": {},
    "none": [],
    "～": 2,
    "😀": 1
}`);
  });

  test("writes one line without indent and leaves undefined members out", () => {
    expect(goJson({ b: 1, a: [], c: undefined, d: { e: "f" } })).toBe('{"a":[],"b":1,"d":{"e":"f"}}');
  });

  test("escapes what Go and terminals want escaped", () => {
    expect(goJson("<a> & \u2028 \u001b \u007f \u009b \u202e é")).toBe(
      '"\\u003ca\\u003e \\u0026 \\u2028 \\u001b \\u007f \\u009b \\u202e é"',
    );
  });

  test("reads back as the same value", () => {
    // Without escapes: V8 in Node 24 may take one escaped key for another that it saw before ("\\t" for "\\\\").
    const unescaped = fc.jsonValue().filter((value) => !/[\\\u007f-\u009f]/.test(JSON.stringify(value)));
    fc.assert(
      fc.property(unescaped, fc.constantFrom(0, 4), (value, indent) => {
        expect(JSON.parse(goJson(value, indent))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
