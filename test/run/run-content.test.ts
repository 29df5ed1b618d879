import { describe, expect, test } from "@jest/globals";
import { byteLength } from "../../src/events/limits.ts";
import type { Outcome } from "../../src/run/outcome.ts";
import { endContent, runSubject, startContent } from "../../src/run/run-content.ts";

const run = { reason: "Migration", subject: "migrate.sh", runId: "run1" };
const mask = (line: string): string => line.replaceAll("hunter2", "***");

describe("the events of a run", () => {
  test("at the start", () => {
    expect(startContent(run)).toEqual({
      what: "MigrationStarted",
      type: "Normal",
      message: "migrate.sh started",
      step: 0,
      own: { "kev.dev/run-id": "run1" },
    });
  });

  test("after a success, whose stderr tells nobody anything", () => {
    expect(endContent(run, { kind: "exited", code: 0 }, 2_345, ["warning"])).toEqual({
      what: "MigrationSucceeded",
      type: "Normal",
      message: "migrate.sh succeeded after 2.3s",
      step: 1,
      own: { "kev.dev/run-id": "run1", "kev.dev/exit-code": "0" },
    });
  });

  test.each<[outcome: Outcome, milliseconds: number, message: string, own: Record<string, string>]>([
    [
      { kind: "exited", code: 3 },
      754_000,
      "migrate.sh failed with exit status 3 after 12m: connecting | ERROR: no such table",
      { "kev.dev/exit-code": "3" },
    ],
    [
      { kind: "killed", signal: "SIGKILL" },
      61_000,
      "migrate.sh was ended by SIGKILL after 61s: connecting | ERROR: no such table",
      { "kev.dev/exit-code": "137", "kev.dev/signal": "SIGKILL" },
    ],
    [
      { kind: "not-started", status: 127, problem: "command not found" },
      0,
      "migrate.sh could not be started: command not found: connecting | ERROR: no such table",
      { "kev.dev/exit-code": "127" },
    ],
  ])("after a failure: %j", (outcome, milliseconds, message, own) => {
    expect(endContent(run, outcome, milliseconds, ["connecting", "ERROR: no such table"])).toEqual({
      what: "MigrationFailed",
      type: "Warning",
      message,
      step: 1,
      own: { "kev.dev/run-id": "run1", ...own },
    });
  });

  test("without a word on stderr", () => {
    expect(endContent(run, { kind: "exited", code: 1 }, 100, []).message).toBe(
      "migrate.sh failed with exit status 1 after 0.1s",
    );
  });

  test.each(["x", "\u00fc", "\ud83d\ude80"])("the end of a long stderr (of %s) is what fits", (letter) => {
    const { message } = endContent(run, { kind: "exited", code: 1 }, 100, [letter.repeat(2_000), "the reason"]);

    expect(message).toMatch(
      new RegExp(`^migrate.sh failed with exit status 1 after 0.1s: \u2026(${letter})+ \\| the reason$`, "u"),
    );
    expect(byteLength(message)).toBeLessThanOrEqual(1_024);
    expect(byteLength(message)).toBeGreaterThan(1_020);
  });

  test("the longest subject leaves room for how it ended and the end of stderr", () => {
    const long = { ...run, subject: "s".repeat(768) };
    const { message } = endContent(long, { kind: "killed", signal: "SIGTERM" }, 100, ["y".repeat(2_000)]);

    expect(message).toMatch(/^s{768} was ended by SIGTERM after 0\.1s: …y{200,}$/);
    expect(byteLength(message)).toBeLessThanOrEqual(1_024);
  });
});

describe("what messages begin with", () => {
  test("the program's name: no argument, and no folder", () => {
    expect(runSubject({ command: ["/opt/bin/migrate", "--password=hunter2"], mask })).toBe("migrate");
  });

  test("what the caller says", () => {
    expect(runSubject({ command: ["migrate"], message: "Schema 42", mask })).toBe("Schema 42");
  });

  test("the command line where that is asked for, as a shell takes it, and masked", () => {
    const command = ["./migrate", "--pw=hunter2", "a b", "it's", "", "$HOME"] as const;

    expect(runSubject({ command: [...command], showCommand: true, mask })).toBe(
      "./migrate --pw=*** 'a b' 'it'\\''s' '' '$HOME'",
    );
    expect(runSubject({ command: ["./migrate"], message: "Schema 42", showCommand: true, mask })).toBe(
      "Schema 42: ./migrate",
    );
  });

  test("masked word by word, before quotes stand between, and in one line", () => {
    const command = ["./migrate", "--pw=o'hunter2", "hunter'2x", "two\nlines\tof \\ 'x'\u001b", "***"] as const;
    const masks = (line: string): string => mask(line).replaceAll("hunter'2x", "***");

    expect(runSubject({ command: [...command], showCommand: true, mask: masks })).toBe(
      "./migrate '--pw=o'\\''***' *** $'two\\nlines\\tof \\\\ \\'x\\'\\u001b' ***",
    );
  });

  test("at most so much that the rest has room", () => {
    expect(byteLength(runSubject({ command: ["echo", "x".repeat(5_000)], showCommand: true, mask }))).toBe(768);
    expect(() => runSubject({ command: ["echo"], message: "x".repeat(769), mask })).toThrow(
      "message is 769 bytes long, the limit is 768 here",
    );
  });
});
