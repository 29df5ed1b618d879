import { describe, expect, test } from "@jest/globals";
import { createRemarks } from "../../src/cli/remarks.ts";
import { collectOutput, fakeContext } from "../support/fake-context.ts";

const yellowBold = "\u001b[33m\u001b[1mWarning:\u001b[22m\u001b[39m old\n";

async function warned(
  shape: { isTTY: boolean },
  env: Record<string, string> = {},
  color?: "auto" | "always" | "never",
): Promise<string> {
  const context = fakeContext({ env, stderr: collectOutput(shape) });
  const remarks = await createRemarks(context, color);
  remarks.warn("old");
  return context.stderr.text;
}

describe("remarks", () => {
  test.each<[string, Parameters<typeof warned>, string]>([
    ["a pipe", [{ isTTY: false }], "Warning: old\n"],
    ["a terminal", [{ isTTY: true }], yellowBold],
    ["a dumb terminal", [{ isTTY: true }, { TERM: "dumb" }], "Warning: old\n"],
    ["NO_COLOR", [{ isTTY: true }, { NO_COLOR: "1" }], "Warning: old\n"],
    ["FORCE_COLOR", [{ isTTY: false }, { FORCE_COLOR: "1" }], yellowBold],
    ["FORCE_COLOR=0", [{ isTTY: true }, { FORCE_COLOR: "0" }], "Warning: old\n"],
    ["--color=always, which wins", [{ isTTY: false }, { NO_COLOR: "1" }, "always"], yellowBold],
    ["--color=never, which wins", [{ isTTY: true }, { FORCE_COLOR: "1" }, "never"], "Warning: old\n"],
  ])("a warning: %s", async (_what, asked, text) => {
    expect(await warned(...asked)).toBe(text);
  });

  test("each text once, escaped; lines of -v every time", async () => {
    const context = fakeContext();
    const remarks = await createRemarks(context);
    remarks.warn("bell\u0007");
    remarks.warn("bell\u0007");
    remarks.note("a\nb");
    remarks.note("a\nb");
    remarks.log("GET /");
    remarks.log("GET /");
    expect(context.stderr.text).toBe("Warning: bell\\u0007\nnote: a\\nb\nGET /\nGET /\n");
  });
});
