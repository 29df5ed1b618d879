import { expect, test } from "@jest/globals";
import { readShellLine } from "../../../src/cli/completion/shell-line.ts";

const env = { NS: "prod", EMPTY: "" };

test.each<[line: string, words: string[], raw: string, plain: string, quote: string]>([
  ["kev em", ["kev"], "em", "em", ""],
  ["kev  emit ", ["kev", "emit"], "", "", ""],
  ["kev", [], "kev", "kev", ""],
  ["A=1 B='x y' kev emit -m", ["kev", "emit"], "-m", "-m", ""],
  [`kev -m 'a "b' "it's" c\\ d`, ["kev", "-m", `a "b`, "it's"], "c\\ d", "c d", ""],
  [`kev "a b`, ["kev"], `"a b`, "a b", '"'],
  ["kev 'a b", ["kev"], "'a b", "a b", "'"],
  [`kev x'y'"z`, ["kev"], `x'y'"z`, "xyz", '"'],
  [`kev "\\$a \\b" `, ["kev", "$a \\b"], "", "", ""],
  ["kev -n $NS -m ${NS}x ", ["kev", "-n", "prod", "-m", "prodx"], "", "", ""],
  [`kev "$NS" '$NS' \\$NS $EMPTY `, ["kev", "prod", "$NS", "$NS", ""], "", "", ""],
  // Only the shell knows.
  ["kev $UNKNOWN $(rm x) `rm` ", ["kev", "$UNKNOWN", "$(rm", "x)", "`rm`"], "", "", ""],
])("%s", (line, words, raw, plain, quote) => {
  expect(readShellLine(line, env)).toEqual({ words, cursor: { raw, plain, quote } });
});
