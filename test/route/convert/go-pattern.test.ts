import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { convertPattern } from "../../../src/route/convert/go-pattern.ts";
import { compileRegex } from "../../../src/util/compile-regex.ts";

test.each([
  ["kube-system", "/.*kube-system.*/"],
  ["^kube-system$", "kube-system"],
  ["^kube-", "/kube-.*/"],
  ["-system$", "/.*-system/"],
  ["Pod|Deployment", "/.*(?:Pod|Deployment).*/"],
  ["^Pod|Node$", "/.*(?:^Pod|Node$).*/"],
  ["kube-.*", "/.*kube-.*/"],
  [".*test", "/.*test.*/"],
  ["cost\\$", "/.*cost\\$.*/"],
  ["\\.*", "/.*\\.*.*/"],
  ["(?i)failed", "/.*(?i)failed.*/"],
  ["^/x/$", "//x//"],
])("%j becomes %j", (source, text) => {
  expect(convertPattern(source, false)).toEqual({ text });
});

test("a dot stays on its line where values have several", () => {
  expect(convertPattern("a.b", true)).toEqual({ text: "/.*(?-s:a.b).*/" });
  expect(convertPattern("ab", true)).toEqual({ text: "/.*ab.*/" });
});

test("what is no regular expression is none", () => {
  expect(convertPattern("*test*", false)).toEqual({ problem: "missing argument to repetition operator: `*`" });
});

test("a converted expression holds for what the first one is found in", () => {
  const pieces = fc.constantFrom("a", "b", "|", ".", ".*", "^", "$", "(a|b)", "\\.", "[ab]", "a?", "\n");
  const patterns = fc.array(pieces, { maxLength: 6 }).map((list) => list.join(""));
  const values = fc.array(fc.constantFrom("a", "b", ".", "\n", "c"), { maxLength: 6 }).map((list) => list.join(""));
  fc.assert(
    fc.property(patterns, values, (pattern, value) => {
      const converted = convertPattern(pattern, true);
      if (!("text" in converted)) return;
      const { text } = converted;
      const compiled = text.startsWith("/") && text.length > 1 ? compileRegex(text.slice(1, -1)) : undefined;
      if (compiled && "problem" in compiled) throw new Error(compiled.problem);
      const holds = compiled ? compiled.regex.testExact(value) : value === text;
      expect({ pattern, value, holds }).toEqual({ pattern, value, holds: RE2JS.compile(pattern).test(value) });
    }),
    { numRuns: 2_000 },
  );
});
