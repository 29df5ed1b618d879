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

  test("a reason", () => {
    const { content, defaultKind, decision } = resolve({ what: "SchemaMigrated" });
    expect(content).toMatchObject({ reason: "SchemaMigrated", type: "Normal", message: "", component: "kev" });
    expect([defaultKind, decision]).toEqual([undefined, undefined]);
  });

  test("what is given wins over the preset", () => {
    const given = { reason: "Smoked", type: "Warning", message: "m", component: "c", instance: "i", action: "a" };
    expect(resolve({ what: "tested", ...given }).content).toMatchObject(given);
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
