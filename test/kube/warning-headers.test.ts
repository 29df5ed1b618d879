import { expect, test } from "@jest/globals";
import { parseWarningHeaders } from "../../src/kube/warning-headers.ts";

test.each<[string, string[], string[]]>([
  ["one", ['299 - "v1 is deprecated"'], ["v1 is deprecated"]],
  ["escaped quotes and backslashes", ['299 - "say \\"hi\\" \\\\ bye"'], ['say "hi" \\ bye']],
  ["several in one line", ['299 a "one", 299 b "two"'], ["one", "two"]],
  ["several lines", ['299 - "one"', '299 - "two"'], ["one", "two"]],
  ["a date", ['299 - "one" "Sat, 25 Aug 2012 23:34:45 GMT", 299 - "two"'], ["one", "two"]],
  ["a comma inside", ['299 - "one, two"'], ["one, two"]],
  ["other codes", ['199 - "misc"', '299 - "one"'], ["one"]],
  ["UTF-8, as Node hands it over", [`299 - "${Buffer.from("größer").toString("latin1")}"`], ["größer"]],
  ["the rest after a mistake is dropped", ['299 - "one", 299 two', '299 - "three"'], ["one", "three"]],
  ["control characters", ['299 - "a\u001b[1m"'], []],
  ["no text", ['299 - ""', "299 -", "", '29 - "x"'], []],
])("%s", (_, lines, texts) => expect(parseWarningHeaders(lines)).toEqual(texts));
