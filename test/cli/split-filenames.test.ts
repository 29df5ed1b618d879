import { describe, expect, test } from "@jest/globals";
import { splitFilenames } from "../../src/cli/split-filenames.ts";

describe("splitFilenames", () => {
  test.each([
    ["a.yaml", ["a.yaml"]],
    ["a.yaml,b.yaml", ["a.yaml", "b.yaml"]],
    [" a , b", [" a ", " b"]],
    ["a,", ["a", ""]],
    [",", ["", ""]],
    ["", [""]],
    ['"a,b.yaml",c', ["a,b.yaml", "c"]],
    ['"a""b"', ['a"b']],
    ['""', [""]],
  ])("%j", (given, expected) => {
    expect(splitFilenames(given)).toEqual(expected);
  });

  // kubectl's own lines.
  test.each([
    ['"d/a.yaml', 'column 10: extraneous or missing " in quoted-field'],
    ['"a"b', 'column 3: extraneous or missing " in quoted-field'],
    ['d/a".yaml', 'column 4: bare " in non-quoted-field'],
  ])("refuses %j", (given, problem) => {
    const start = `invalid argument ${JSON.stringify(given)} for "-f, --filename" flag: parse error on line 1`;
    expect(() => splitFilenames(given)).toThrow(
      expect.objectContaining({ kind: "usage", message: `${start}, ${problem}` }),
    );
  });
});
