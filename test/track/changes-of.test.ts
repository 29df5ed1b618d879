import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { changesOf } from "../../src/track/changes-of.ts";
import { describeChange } from "../../src/track/describe-change.ts";
import { pathText } from "../../src/track/field-path.ts";

/** As a message tells it. */
const texts = (before: unknown, after: unknown): string[] =>
  changesOf(before, after).map((change) =>
    describeChange([{ ...change, authors: [] }]).replace(/^an unknown manager changed /, ""),
  );

describe("what has changed", () => {
  test.each<[string, unknown, unknown, string[]]>([
    ["a value", { spec: { replicas: 2 } }, { spec: { replicas: 3 } }, ["spec.replicas: 2 → 3"]],
    ["nothing", { a: [1, { name: "x" }], b: {} }, { b: {}, a: [1, { name: "x" }] }, []],
    [
      "a first label",
      {},
      { metadata: { labels: { app: "ui", tier: "web" } } },
      ["metadata.labels.app: none → ui", "metadata.labels.tier: none → web"],
    ],
    ["an empty map", { spec: {} }, { spec: { emptyDir: {} } }, ["spec.emptyDir (added)"]],
    ["a map in place of a value", { a: 1 }, { a: { b: 1 } }, ["a"]],
    [
      "an item by its name",
      {
        c: [
          { name: "a", v: 1 },
          { name: "b", v: 1 },
        ],
      },
      {
        c: [
          { name: "new", v: 0 },
          { name: "a", v: 1 },
          { name: "b", v: 2 },
        ],
      },
      ["c[new] (added)", "c[b].v: 1 → 2"],
    ],
    ["an item that is gone", { c: [{ name: "a" }, { name: "b" }] }, { c: [{ name: "b" }] }, ["c[a] (removed)"]],
    [
      "the order of items",
      { c: [{ name: "a" }, { name: "b" }] },
      { c: [{ name: "b" }, { name: "a" }] },
      ["c (reordered)"],
    ],
    [
      "ports, by number and protocol",
      {
        ports: [
          { containerPort: 53, protocol: "TCP" },
          { containerPort: 53, protocol: "UDP", name: "d" },
        ],
      },
      {
        ports: [
          { containerPort: 53, protocol: "TCP" },
          { containerPort: 53, protocol: "UDP", name: "dns" },
        ],
      },
      ["ports[53/UDP].name: d → dns"],
    ],
    [
      "items without names, by their place",
      { rules: [{ verbs: ["get"] }] },
      { rules: [{ verbs: ["get", "list"] }] },
      ['rules[0].verbs: ["get"] → ["get","list"]'],
    ],
    [
      "items without names, of which there are more",
      { rules: [{ verbs: ["get"] }] },
      { rules: [{ verbs: ["get"] }, { verbs: [] }] },
      ["rules: 1 item → 2 items"],
    ],
    ["a list of words, as a whole", { args: ["a"] }, { args: ["a", "b"] }, ['args: ["a"] → ["a","b"]']],
    ["what a terminal would not show", { a: "x", b: "y" }, { a: "x ", b: "" }, ['a: x → "x "', 'b: y → ""']],
    ["a hidden value", { a: { "\u0000": "h1" } }, { a: { "\u0000": "h2" } }, ["a"]],
    ["a hidden value that is new", {}, { a: { "\u0000": "h2" } }, ["a (added)"]],
    ["a long value", { a: "x" }, { a: "y".repeat(100) }, [`a: x → ${"y".repeat(63)}…`]],
    ["a member called like one that every object has", {}, { constructor: "x" }, ["constructor: none → x"]],
  ])("%s", (_what, before, after, expected) => {
    expect(texts(before, after)).toEqual(expected);
  });

  test("is told only where it counts", () => {
    const changes = changesOf({ a: 1, b: 1 }, { a: 2, b: 2 }, ([first]) => first === "b");
    expect(changes).toEqual([{ path: ["b"], before: 1, after: 2 }]);
  });
});

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.string(), { maxLength: 2 }));
const { object } = fc.letrec((tie) => ({
  object: fc.dictionary(
    fc.constantFrom("a", "b", "name", "ports", "list"),
    fc.oneof({ depthSize: "small" }, leaf, tie("object"), fc.array(tie("object"), { minLength: 1, maxLength: 3 })),
    { maxKeys: 4 },
  ),
}));

describe("of any two objects", () => {
  test("no change is told exactly where they are the same", () => {
    fc.assert(
      fc.property(object, object, (one, other) => {
        expect(changesOf(one, structuredClone(one))).toEqual([]);
        const isSame = canonical(one) === canonical(other);
        expect(changesOf(one, other).length === 0).toBe(isSame);
      }),
    );
  });

  test("the way back changes the same paths", () => {
    fc.assert(
      fc.property(object, object, (one, other) => {
        const there = changesOf(one, other).map(({ path }) => pathText(path));
        const back = changesOf(other, one).map(({ path }) => pathText(path));
        expect(back.sort()).toEqual(there.sort());
      }),
    );
  });
});

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, member]) => `${key}:${canonical(member)}`)
    .sort()
    .join()}}`;
}
