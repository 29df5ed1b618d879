import { describe, expect, test } from "@jest/globals";
import { parseGoDuration, parseRequestTimeout } from "../../src/util/duration.ts";
import { KevError } from "../../src/util/errors.ts";

describe("parseGoDuration", () => {
  test.each([
    ["0", 0],
    ["1s", 1_000],
    ["2m", 120_000],
    ["3h", 10_800_000],
    ["2h45m", 9_900_000],
    ["1.5h", 5_400_000],
    [".5s", 500],
    ["1.s", 1_000],
    ["300ms", 300],
    ["250us", 0.25],
    ["250µs", 0.25],
    ["-3s", -3_000],
    ["+3s", 3_000],
    ["-0", 0],
  ])("%s", (text, milliseconds) => expect(parseGoDuration(text)).toBe(milliseconds));

  test.each(["", "5", "abc", "1d", "s", "1s ", "1 s", ".s", "--1s", "3000000h"])("%j is none", (text) =>
    expect(parseGoDuration(text)).toBeUndefined(),
  );
});

describe("parseRequestTimeout", () => {
  test.each([
    ["0", 0],
    ["5", 5_000],
    ["+5", 5_000],
    ["1m", 60_000],
    ["-3s", 0],
  ])("%s", (text, milliseconds) => expect(parseRequestTimeout(text)).toBe(milliseconds));

  test.each(["abc", "-3", "1d"])("%s is refused with kubectl's text", (text) => {
    expect(() => parseRequestTimeout(text)).toThrow(
      new KevError(
        "usage",
        "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
      ),
    );
  });
});
