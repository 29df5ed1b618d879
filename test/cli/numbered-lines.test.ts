import { expect, test } from "@jest/globals";
import { type NumberedLine, numberedLines } from "../../src/cli/numbered-lines.ts";

async function linesOf(chunks: readonly string[], longest = 10): Promise<(string | undefined)[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield Buffer.from(chunk);
  }
  const lines: NumberedLine[] = [];
  for await (const line of numberedLines(stream(), longest)) lines.push(line);
  expect(lines.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1));
  return lines.map(({ text }) => text);
}

test("lines are the same however the stream is cut; the last one needs no line feed", async () => {
  expect(await linesOf(["a\nb", "\n\nc\r\n", "", "d"])).toEqual(["a", "b", "", "c", "d"]);
  expect(await linesOf([])).toEqual([]);
  expect(await linesOf(["a\n"])).toEqual(["a"]);
});

test("a line that is too long is none, and the next one is read", async () => {
  expect(await linesOf(["0123456789\n0123456789x\n", "0123", "456789x", "yz\nb"])).toEqual([
    "0123456789",
    undefined,
    undefined,
    "b",
  ]);
});
