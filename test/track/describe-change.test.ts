import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { byteLength, limits } from "../../src/events/limits.ts";
import { type AuthoredChange, describeChange } from "../../src/track/describe-change.ts";

const by = (manager: string, operation = "Update") => [{ manager, operation }];
const change = (path: string, before: unknown, after: unknown, authors = by("kubectl-edit")): AuthoredChange => ({
  path: path.split("."),
  before,
  after,
  authors,
});

describe("what a message says", () => {
  test.each<[string, AuthoredChange[], Parameters<typeof describeChange>[1], string]>([
    ["one change", [change("spec.replicas", 2, 3)], undefined, "kubectl-edit (Update) changed spec.replicas: 2 → 3"],
    [
      "of several by whom each was made",
      [
        change("spec.a", 1, 2),
        change("spec.b", 1, 2, by("helm", "Apply")),
        change("spec.c", 1, 2),
        change("spec.d", 1, undefined, []),
      ],
      undefined,
      "kubectl-edit (Update) changed spec.a: 1 → 2; spec.c: 1 → 2. helm (Apply) changed spec.b: 1 → 2. " +
        "an unknown manager changed spec.d: 1 → none",
    ],
    [
      "one by several",
      [change("spec.a", 1, 2, [...by("b"), ...by("a")])],
      undefined,
      "a (Update) and b (Update) changed spec.a: 1 → 2",
    ],
    ["a new object", [], by("kubectl-create"), "kubectl-create (Update) created it"],
    [
      "a new object that was changed at once",
      [change("spec.replicas", 1, 3)],
      by("kubectl-create"),
      "kubectl-create (Update) created it. kubectl-edit (Update) changed spec.replicas: 1 → 3",
    ],
  ])("%s", (_what, changes, creators, message) => {
    expect(describeChange(changes, creators)).toBe(message);
  });

  test("of very many as many as fit, and how many there are more", () => {
    const many = Array.from({ length: 100 }, (_, index) => change(`spec.field${index}`, index, "y".repeat(30)));
    const message = describeChange(many);
    const [, told = "", more = ""] = /^(.*); and (\d+) more$/.exec(message) ?? [];
    expect(told.split("; ")).toHaveLength(100 - Number(more));
    expect(byteLength(message)).toBeLessThanOrEqual(limits.message);
    expect(byteLength(message)).toBeGreaterThan(limits.message - 60);
  });

  test("never more than a message may hold", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 400 });
    const authors = fc.array(fc.record({ manager: fc.string({ maxLength: 200 }), operation: fc.constant("Update") }), {
      maxLength: 4,
    });
    const some = fc.record({
      path: fc.array(text, { minLength: 1, maxLength: 6 }),
      before: text,
      after: text,
      authors,
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 30 }), fc.option(authors, { nil: undefined }), (changes, creators) => {
        const message = describeChange(changes, creators);
        expect(byteLength(message)).toBeLessThanOrEqual(limits.message);
        if (changes.length > 0) expect(message).toMatch(/changed|more|…$/);
      }),
    );
  });
});
