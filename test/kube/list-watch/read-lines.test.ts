import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { readLines } from "../../../src/kube/list-watch/read-lines.ts";

async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

async function linesOf(chunks: readonly Buffer[], longest = 1_000): Promise<string[]> {
  const lines: string[] = [];
  for await (const group of readLines(stream(chunks), longest)) lines.push(...group);
  return lines;
}

test("lines are the same however the stream is cut, characters of several bytes too", async () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "漢", "😀", "\n", "\r") }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(texts, fc.array(fc.nat(40), { maxLength: 12 }), async (parts, cuts) => {
      const bytes = Buffer.from(parts.join("\n"));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      const expected = bytes.toString().split(/(?<=\n)/);
      expect(await linesOf(chunks)).toEqual(bytes.length === 0 ? [] : expected);
    }),
  );
});

test("a line may be as long as the limit and no longer, whether its end has come or not", async () => {
  expect(await linesOf([Buffer.from("12345\n"), Buffer.from("67")], 6)).toEqual(["12345\n", "67"]);
  const error = { kind: "failed", message: "a line of the server's answer is longer than 6 bytes" };
  await expect(linesOf([Buffer.from("123456\n")], 6)).rejects.toMatchObject(error);
  await expect(linesOf([Buffer.from("1234"), Buffer.from("567")], 6)).rejects.toMatchObject(error);
  await expect(linesOf([Buffer.from("漢漢\n")], 6)).rejects.toMatchObject(error);
});

test("the lines before one that is too long are read", async () => {
  const groups = readLines(stream([Buffer.from("a\nb\n123456\nc\n")]), 6);
  expect(await groups.next()).toEqual({ done: false, value: ["a\n", "b\n"] });
  await expect(groups.next()).rejects.toMatchObject({ kind: "failed" });
});

test("no chunk is read before it is needed", async () => {
  let read = 0;
  async function* chunks(): AsyncGenerator<Buffer> {
    for (;;) {
      read++;
      yield Buffer.from("a\nb\n");
    }
  }
  const groups = readLines(chunks(), 10);
  expect(await groups.next()).toEqual({ done: false, value: ["a\n", "b\n"] });
  expect(read).toBe(1);
  await groups.next();
  expect(read).toBe(2);
});
