import { describe, expect, test } from "@jest/globals";
import { builtInPresets, mergePresets } from "../../src/events/presets.ts";
import { type ContentInput, resolveContent } from "../../src/record/resolve-content.ts";

const resolve = (input: ContentInput) => resolveContent(input, builtInPresets, () => "laptop");

describe("resolveContent", () => {
  test("a preset", () => {
    expect(resolve({ what: "approve" })).toEqual({
      content: {
        reason: "Approval",
        type: "Normal",
        message: "Manually tested and approved",
        component: "ci-approver",
        instance: "laptop",
        action: undefined,
        labels: {},
        annotations: {},
      },
      defaultKind: "Deployment",
      decision: builtInPresets[0],
    });
  });

  test("kev's own annotations are not to be made up", () => {
    const annotations = { "kev.dev/approver": "somebody-else" };
    expect(() => resolve({ what: "approve", annotations })).toThrow(
      'annotations under kev.dev/ are kev\'s own, and "kev.dev/approver" is one',
    );
    expect(() => resolve({ what: "Tested", labels: { "kev.dev/x": "1" } })).toThrow("labels under kev.dev/");
  });

  test("a blank message says nothing", () => {
    expect(() => resolve({ what: "break-glass", message: " " })).toThrow("break-glass needs a message");
  });

  test("a reason", () => {
    const { content, defaultKind, decision } = resolve({ what: "SchemaMigrated" });
    expect(content).toMatchObject({ reason: "SchemaMigrated", type: "Normal", message: "", component: "kev" });
    expect([defaultKind, decision]).toEqual([undefined, undefined]);
  });

  test("what is given wins over the preset", () => {
    const given = { reason: "Smoked", type: "Warning", message: "m", component: "c", instance: "i", action: "a" };
    expect(resolve({ what: "tested", ...given }).content).toMatchObject(given);
  });

  test("what is given wins over the preset, the preset over the defaults", () => {
    const own = {
      name: "smoked",
      reason: "Smoked",
      type: "Normal",
      component: "smoker",
      labels: { a: "preset", b: "preset" },
      annotations: { a: "preset" },
      description: "",
      source: "kev.yaml:2",
    } as const;
    const defaults = {
      component: "ours",
      instance: "i",
      labels: { a: "d", b: "d", c: "d" },
      annotations: { a: "d", b: "d" },
    };
    const withOwn = (input: ContentInput) => resolveContent(input, mergePresets([own]), () => "laptop").content;
    expect(withOwn({ what: "smoked", labels: { a: "given" }, defaults })).toMatchObject({
      component: "smoker",
      instance: "i",
      labels: { a: "given", b: "preset", c: "d" },
      annotations: { a: "preset", b: "d" },
    });
    expect(withOwn({ what: "Smoked", component: "c", instance: "j", defaults })).toMatchObject({
      component: "c",
      instance: "j",
      labels: defaults.labels,
    });
    expect(withOwn({ what: "Smoked", defaults }).component).toBe("ours");
  });

  test("a decision's reason makes it a decision, however it is said", () => {
    expect(resolve({ what: "Approval" }).decision?.name).toBe("approve");
    expect(resolve({ what: "tested", reason: "ApprovalRejected" })).toMatchObject({ decision: { name: "reject" } });
    const own = { name: "ship", reason: "Approval", type: "Normal", description: "", source: "kev.yaml:2" } as const;
    expect(resolveContent({ what: "ship" }, mergePresets([own]), () => "laptop").decision?.name).toBe("approve");
  });

  test.each<[ContentInput, string]>([
    [{ what: "aprove" }, 'no such preset "aprove"'],
    [{ what: "Not-A-Reason" }, 'reason "Not-A-Reason" is not UpperCamelCase'],
    [{ what: "approve", reason: "Tested" }, "the reason of approve is Approval and cannot be changed"],
    [{ what: "break-glass" }, "break-glass needs a message that says why"],
    [{ what: "BreakGlass", message: "" }, "BreakGlass needs a message that says why"],
    [{ what: "tested", type: "warning" }, 'type "warning" is not one of Normal, Warning'],
  ])("%j", (input, message) => {
    expect(() => resolve(input)).toThrow(expect.objectContaining({ kind: "usage", message }));
  });

  test("suggests what was meant", () => {
    const wrong = (input: ContentInput) => {
      try {
        resolve(input);
      } catch (error) {
        return (error as { hint?: string }).hint;
      }
      return "nothing thrown";
    };
    expect(wrong({ what: "aprove" })).toBe("did you mean approve? a reason is written in UpperCamelCase");
    expect(wrong({ what: "x", type: "warning" })).toBe("kev presets lists them; a reason is written in UpperCamelCase");
    expect(wrong({ what: "tested", type: "warning" })).toBe("did you mean Warning?");
  });
});
