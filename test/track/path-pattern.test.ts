import { describe, expect, test } from "@jest/globals";
import { type FieldPath, pathText } from "../../src/track/field-path.ts";
import { parsePathPattern } from "../../src/track/path-pattern.ts";

const nginx = { item: "nginx", of: {} };
const image: FieldPath = ["spec", "template", "spec", "containers", nginx, "image"];

test("paths are written as kubectl's users know them", () => {
  expect(pathText(image)).toBe("spec.template.spec.containers[nginx].image");
  expect(pathText(["metadata", "annotations", "example.com/owner"])).toBe("metadata.annotations[example.com/owner]");
  expect(pathText(["spec", "ports", { item: "80/TCP", of: {} }])).toBe("spec.ports[80/TCP]");
});

describe("a pattern", () => {
  test.each([
    ["spec.template.spec.containers[nginx].image", true],
    [".spec.template.spec.containers['nginx'].image", true],
    ['spec.template.spec.containers["nginx"]', true],
    ["spec.template.spec.containers[*].image", true],
    ["spec.template.spec.containers.*.image", true],
    ["spec.template", true],
    ["spec.template.spec.containers[ngin]", false],
    ["spec.template.spec.containers[nginx].image.tag", false],
    ["template", false],
  ])("%s covers the image of a container: %s", (text, covers) => {
    expect(parsePathPattern(text).covers(image)).toBe(covers);
  });

  test("with a star stands for any text, and for nothing else", () => {
    const { covers } = parsePathPattern("metadata.annotations[example.com/*]");
    expect(covers(["metadata", "annotations", "example.com/owner"])).toBe(true);
    expect(covers(["metadata", "annotations", "example_com/owner"])).toBe(false);
  });

  test("knows what it lies in", () => {
    const { leadsBelow } = parsePathPattern("spec.containers[*].image");
    expect([[], ["spec"], ["spec", "containers", nginx]].map(leadsBelow)).toEqual([true, true, true]);
    expect([["status"], ["spec", "containers", nginx, "image"]].map(leadsBelow)).toEqual([false, false]);
  });

  test.each(["", "spec..x", "spec[", "spec.containers[]", "spec."])("is not %j", (text) => {
    expect(() => parsePathPattern(text)).toThrow(/is no path|is empty/);
  });
});
