import { describe, expect, test } from "@jest/globals";
import { escapeTerminal } from "../../src/util/escape-terminal.ts";

describe("escapeTerminal", () => {
  test.each([
    ["plain text, ünïcode and 😀", "plain text, ünïcode and 😀"],
    ["\u001b[31mred\u001b[0m", "^[[31mred^[[0m"],
    ["a\rb\nc\td", "a\\rb\\nc\\td"],
    ["\u0000\u0007\b\u007f", "\\u0000\\u0007\\u0008\\u007f"],
    ["\u009b31m\u0085", "\\u009b31m\\u0085"],
    ["\u202eevil\u202c \u2066x\u2069", "\\u202eevil\\u202c \\u2066x\\u2069"],
    ["\ud83d alone \ude00", "\\ud83d alone \\ude00"],
  ])("%j", (text, escaped) => {
    expect(escapeTerminal(text)).toBe(escaped);
  });

  test("keeps line feeds and tabs where asked, and nothing else", () => {
    expect(escapeTerminal("a\n\tb\r\u001bc", { keepNewlines: true })).toBe("a\n\tb\\r^[c");
  });
});
