import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import { toYaml } from "../../src/cli/to-yaml.ts";

test("what could harm a terminal is escaped, and still reads the same", () => {
  const value = { message: "a\u009b31m: \u202eb", "k\u2028": "plain" };
  expect(toYaml(value)).toBe('"k\\u2028": plain\nmessage: "a\\u009b31m: \\u202eb"\n');
  expect(parse(toYaml(value))).toEqual(value);
});

test("lays an event out as kubectl does", () => {
  const event = {
    kind: "Event",
    apiVersion: "v1",
    metadata: {
      name: "ui-server.x",
      creationTimestamp: "2024-01-02T03:04:05Z",
      labels: { build: "1", on: "yes" },
      ownerReferences: [],
    },
    count: 1,
    message: "two\nlines\n",
    series: null,
    list: [{ b: 1, a: "x" }],
  };
  expect(toYaml(event)).toBe(`apiVersion: v1
count: 1
kind: Event
list:
- a: x
  b: 1
message: |
  two
  lines
metadata:
  creationTimestamp: "2024-01-02T03:04:05Z"
  labels:
    build: "1"
    "on": "yes"
  name: ui-server.x
  ownerReferences: []
series: null
`);
});

test("reads back as what was written, in YAML 1.1 and 1.2", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      // As it comes off the wire: JSON knows no -0.
      const same = JSON.parse(JSON.stringify(value));
      expect(parse(toYaml(same), { version: "1.1" })).toEqual(same);
      expect(parse(toYaml(same), { version: "1.2" })).toEqual(same);
    }),
  );
});
