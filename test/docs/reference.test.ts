import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { fillIn } from "./fill-in.ts";
import { referenceParts } from "./reference.ts";

describe("the README's reference", () => {
  test("is what the code says; `npm run docs` writes it", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");

    expect(readme).toBe(fillIn(readme, referenceParts()));
  });
});

describe("fillIn", () => {
  const text = "# Title\n<!-- generated: a -->\nold\n<!-- end of generated -->\nProse\n";

  test("puts the part between the markers and keeps the rest", () => {
    expect(fillIn(text, new Map([["a", "$& new"]]))).toBe(
      "# Title\n<!-- generated: a -->\n\n$& new\n\n<!-- end of generated -->\nProse\n",
    );
  });

  test.each([
    { parts: new Map([["b", "new"]]), message: 'Nothing generates "a"' },
    { parts: new Map<string, string>(), message: 'Nothing generates "a"' },
    {
      parts: new Map([
        ["a", "new"],
        ["b", "new"],
      ]),
      message: 'No marker for "b"',
    },
  ])("says $message", ({ parts, message }) => {
    expect(() => fillIn(text, parts)).toThrow(message);
  });

  test("takes each part once", () => {
    expect(() => fillIn(text + text, new Map([["a", "new"]]))).toThrow('"a" stands in the text twice');
  });
});
