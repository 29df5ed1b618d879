import { describe, expect, test } from "@jest/globals";
import { createLog, type LogLevel } from "../../src/cli/log.ts";
import { fakeContext } from "../support/fake-context.ts";

function logged(level: LogLevel, message: string, fields?: Record<string, string | undefined>): string {
  const context = fakeContext();
  createLog(context)(level, message, fields);
  return context.stderr.text;
}

describe("a line of the log", () => {
  test.each<[string, Parameters<typeof logged>, string]>([
    ["says when and what", ["info", "ended"], '2026-11-23T09:30:00.000Z info "ended"\n'],
    [
      "has fields",
      ["warn", "reading failed", { what: "decisions", retryIn: "0.3s" }],
      '2026-11-23T09:30:00.000Z warn "reading failed" what=decisions retryIn=0.3s\n',
    ],
    [
      "leaves out what is empty",
      ["error", "failed", { event: undefined, dryRun: "", name: "ui" }],
      '2026-11-23T09:30:00.000Z error "failed" name=ui\n',
    ],
    [
      "quotes what would end a field or look like another one",
      ["info", "x", { space: "a b", equals: "ui=nginx", quote: 'a"b' }],
      '2026-11-23T09:30:00.000Z info "x" space="a b" equals="ui=nginx" quote="a\\"b"\n',
    ],
  ])("%s", (_what, args, line) => {
    expect(logged(...args)).toBe(line);
  });

  test.each(["bad\nerror forged\u001b[31m", "forged\u001b[31m\u0007", "forged \u009b31m"])(
    "stays one line without control characters, whatever a server said: %j",
    (error) => {
      const line = logged("warn", "failed", { error });
      expect(line.trimEnd()).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
      expect(line).toMatch(/^[^\n]*failed[^\n]*forged[^\n]*\n$/);
    },
  );
});
