import { expect, test } from "@jest/globals";
import { lastLines } from "../../src/run/last-lines.ts";

function linesOf(chunks: readonly (string | Uint8Array)[], most = 10): string[] {
  const last = lastLines();
  for (const chunk of chunks) last.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  return last.lines(most);
}

test.each<[what: string, chunks: (string | Uint8Array)[], lines: string[]]>([
  ["nothing", [], []],
  ["a line without an end", ["a"], ["a"]],
  ["a line in parts", ["connection ", "refused\n"], ["connection refused"]],
  ["lines that say nothing", ["\n \n a\n\n\t\nb\n\n"], [" a", "b"]],
  ["Windows' ends of lines", ["a\r\nb\r\n"], ["a", "b"]],
  ["a progress bar: the last step", ["start\n10 %\r20 %\r100 %\n"], ["start", "100 %"]],
  ["colours", ["\u001b[31mERROR\u001b[0m: no\n"], ["ERROR: no"]],
  ["a title for the terminal", ["\u001b]0;title\u0007text\n"], ["text"]],
  ["control characters", ["a\u0000b\u0008c\td\n"], ["a\\u0000b\\u0008c d"]],
  [
    "a character in two parts",
    [Buffer.from("gr\u00fcn\n").subarray(0, 3), Buffer.from("gr\u00fcn\n").subarray(3)],
    ["gr\u00fcn"],
  ],
  ["bytes that are no text", [Buffer.from([0x61, 0xff, 0xfe, 0x62])], ["a\ufffd\ufffdb"]],
])("%s", (_what, chunks, lines) => {
  expect(linesOf(chunks)).toEqual(lines);
});

test("the last of many", () => {
  const text = Array.from({ length: 100 }, (_, index) => `line ${index}\n`).join("");

  expect(linesOf([text], 3)).toEqual(["line 97", "line 98", "line 99"]);
  expect(linesOf([text], 0)).toEqual([]);
});

test.each([1, 7, 1_000, 16_384, 65_536, 200_000])(
  "of what never ends, in parts of %i bytes, the whole lines at the end are there",
  (size) => {
    const number = (index: number): string => String(index).padStart(9, "0");
    const text = Array.from({ length: 20_000 }, (_, index) => `${number(index)}\n`).join("");
    const last = lastLines();
    for (let at = 0; at < text.length; at += size) last.push(Buffer.from(text.slice(at, at + size)));
    const lines = last.lines(100_000);

    expect(lines).toEqual(Array.from({ length: lines.length }, (_, index) => number(20_000 - lines.length + index)));
    // As many as 16 KiB hold, but for one that is cut, and at most twice as many.
    expect(lines.length).toBeGreaterThanOrEqual(1_637);
    expect(lines.length).toBeLessThan(3_277);
  },
);

test.each<[what: string, end: string]>([
  ["that never ends", "END"],
  ["before nothing", "END\n"],
  ["before lines that say nothing", "END\n\n \n"],
])("of a line %s there is the end", (_what, end) => {
  const lines = linesOf([Buffer.alloc(1_000_000, "x"), end]);

  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^…x+END$/);
});

test.each<[what: string, text: string, lines: string[]]>([
  ["its first word, which may be half of one", `${"x".repeat(20_000)}${" ".repeat(16_380)} END`, ["…END"]],
  ["nothing, where that is one word", `${"x".repeat(20_000)}END${"\n".repeat(16_382)}`, []],
  ["what it was overwritten with", `${"x".repeat(20_000)}\r100 %\n`, ["100 %"]],
  ["half a character", `${"\u20ac".repeat(20_000)}`, [`…${"\u20ac".repeat(5_461)}`]],
  ["itself, before whole lines", `${"x".repeat(20_000)}\nEND\n`, ["END"]],
])("of a line without its beginning is left out %s", (_what, text, lines) => {
  expect(linesOf([text])).toEqual(lines);
});

test.each([20_000, 40_000, 65_536])(
  "no line is made of two between which something is missing: parts of %i",
  (size) => {
    const line = `secret ${"0123456789".repeat(170)}\n`;
    const bytes = Buffer.from(line.repeat(60));
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    const lines = linesOf(chunks);

    expect(lines.length).toBeGreaterThan(5);
    expect(new Set(lines)).toEqual(new Set([line.trimEnd()]));
  },
);
