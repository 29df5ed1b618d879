import { expect, test } from "@jest/globals";
import { type NumberedLine, numberedLines } from "../../src/cli/numbered-lines.ts";

async function linesOf(chunks: readonly (string | Buffer)[], longest = 10): Promise<string[]> {
  async function* stream(): AsyncGenerator<Buffer> {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  const lines: NumberedLine[] = [];
  for await (const group of numberedLines(stream(), longest)) lines.push(...group);
  expect(lines.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1));
  return lines.map((line) => ("text" in line ? line.text : `(${line.problem})`));
}

test("lines are the same however the stream is cut; the last one needs no line feed", async () => {
  expect(await linesOf(["a\nb", "\n\nc\r\n", "", "d"])).toEqual(["a", "b", "", "c", "d"]);
  expect(await linesOf([])).toEqual([]);
  expect(await linesOf(["a\n"])).toEqual(["a"]);
});

test("a line that is too long is none, and the next one is read", async () => {
  expect(await linesOf(["0123456789\n0123456789x\n", "0123", "456789x", "yz\nb"])).toEqual([
    "0123456789",
    "(it is longer than 10 bytes)",
    "(it is longer than 10 bytes)",
    "b",
  ]);
});

test("bytes that are no UTF-8 are no line, and a character may be cut by the stream", async () => {
  const euro = Buffer.from("€\n");
  const broken = Buffer.from([0x61, 0xff, 0x0a]);
  expect(await linesOf([broken, euro.subarray(0, 1), euro.subarray(1), "\0\n"])).toEqual([
    "(it is not UTF-8)",
    "€",
    "\0",
  ]);
});
