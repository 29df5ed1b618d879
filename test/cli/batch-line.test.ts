import { describe, expect, test } from "@jest/globals";
import { parseBatchLine } from "../../src/cli/batch-line.ts";

const now = new Date("2026-11-28T09:30:00Z");
const parse = (text: string | undefined) => parseBatchLine({ line: 7, text }, now);

describe("a line of a batch", () => {
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
    [undefined, "it is longer than 524288 bytes"],
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
  ])("%j is an error", (text, message) => {
    expect(parse(text)).toMatchObject({ line: 7, error: { kind: "usage", message } });
  });
});
