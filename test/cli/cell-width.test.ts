import { expect, test } from "@jest/globals";
import { cellWidth, cutToCells } from "../../src/cli/cell-width.ts";

test.each([
  ["", 0],
  ["ascii ~", 7],
  ["é", 1],
  ["e\u0301", 1],
  ["中文", 4],
  ["ｆｕｌｌ", 8],
  ["한국", 4],
  ["😀", 2],
  ["a\u200db", 2],
  ["…", 1],
])("cellWidth %j", (text, cells) => {
  expect(cellWidth(text)).toBe(cells);
});

test.each([
  ["short", 5, "short"],
  ["longer", 5, "long…"],
  ["中文字", 5, "中文…"],
  ["中文字", 4, "中…"],
  ["x", 1, "x"],
  ["xy", 1, "…"],
])("cutToCells %j to %d", (text, cells, cut) => {
  expect(cutToCells(text, cells)).toBe(cut);
});
