import { describe, expect, test } from "@jest/globals";
import { longestBatchLine, parseBatchLine } from "../../src/cli/batch-line.ts";

const now = new Date("2026-11-28T09:30:00Z");
const parse = (text: string) => parseBatchLine({ line: 7, text }, now);

describe("a line of a batch", () => {
  test("may say the same word twice where it means two things", () => {
    const line =
      '{"object":"ui","reason":"A","message":"\\"reason\\": {","labels":{"a":"reason"},"annotations":{"a":"}"}}';
    expect(parse(line)).toMatchObject({ entry: { message: '"reason": {', labels: { a: "reason" } } });
  });

  test("may begin with a byte order mark where it is the first", () => {
    const text = '\ufeff{"object":"ui","reason":"A"}';
    expect(parseBatchLine({ line: 1, text }, now)).toMatchObject({ entry: { object: "ui" } });
    expect(parse(text)).toMatchObject({ error: { message: "it is no JSON" } });
  });

  test("that cannot be read is an error with its problem", () => {
    const line = parseBatchLine({ line: 7, problem: "it is not UTF-8" }, now);
    expect(line).toMatchObject({ line: 7, error: { kind: "usage", message: "it is not UTF-8" } });
  });

  test("that is long is read as fast as others", () => {
    const message = `\\"${"x".repeat(longestBatchLine - 100)}`;
    expect(parse(`{"object":"ui","reason":"A","message":"${message}"}`)).toMatchObject({ entry: { object: "ui" } });
  });

  test("says what the flags of kev emit say", () => {
    const line = {
      ...{ object: "deploy/ui", kind: "Deployment", namespace: "prod", preset: "deployed", reason: "Rolled" },
      ...{ message: "m", type: "Normal", component: "ci", instance: "i", action: "a", related: "node/n" },
      ...{ container: "c", labels: { a: "b" }, annotations: { c: "d" }, key: "k", once: true, truncate: false },
    };
    const { preset, ...same } = line;
    expect(parse(JSON.stringify(line))).toEqual({ line: 7, entry: { ...same, what: preset } });
  });

  test("takes its name from preset or reason, and times as the flags do", () => {
    expect(parse('{"object":"ui","reason":"Tested","at":"5m"}')).toEqual({
      line: 7,
      entry: { object: "ui", reason: "Tested", what: "Tested", at: new Date("2026-11-28T09:25:00Z") },
    });
    expect(parse('{"object":"ui","preset":"approve","expires":"2h"}')).toMatchObject({
      entry: { what: "approve", expiresAt: new Date("2026-11-28T11:30:00Z") },
    });
  });

  test("that is empty is none", () => {
    expect(parse("")).toBeUndefined();
    expect(parse("  \t")).toBeUndefined();
  });

  test.each([
    ["\u0000", "it is no JSON"],
    ["{", "it is no JSON"],
    ["[]", "it is no JSON object"],
    ["null", "it is no JSON object"],
    ["{}", "it has no object"],
    ['{"object":"ui"}', "it has neither preset nor reason"],
    ['{"object":"","reason":"A"}', "its object is empty"],
    ['{"object":7,"reason":"A"}', "its object must be a string"],
    ['{"object":"ui","reason":"A","once":"yes"}', "its once must be true or false"],
    ['{"object":"ui","reason":"A","labels":{"a":1}}', "its labels.a must be a string"],
    ['{"object":"ui","reason":"A","labels":[]}', "its labels must be an object"],
    ['{"object":"ui","reason":"A","mesage":"m"}', 'it has an unknown member "mesage", did you mean "message"?'],
    ['{"object":"ui","reason":"A","at":"soon"}', 'invalid time "soon"'],
    ['{"object":"ui","object":"ci","reason":"A"}', 'it has the member "object" twice'],
    ['{"object":"ui","\\u006fbject" : "ci","reason":"A"}', 'it has the member "object" twice'],
    ['{"object":"ui","reason":"A","labels":{"a":"b","c":"d","a":"e"}}', 'it has the member "a" twice'],
    ['{"object":"ui","reason":"A","__proto__":{}}', 'it has an unknown member "__proto__"'],
    ['{"object":"ui","reason":"A","labels":{"__proto__":"x"}}', 'it has an unknown member "__proto__"'],
    [`${"[".repeat(100_000)}${"]".repeat(100_000)}`, "it is no JSON object"],
    [
      `{"object":"ui","reason":"A","labels":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`,
      "its labels.a must be a string",
    ],
    [`${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`, "it has no object"],
  ])("%j is an error", (text, message) => {
    expect(parse(text)).toMatchObject({ line: 7, error: { kind: "usage", message } });
  });
});
