import { expect, test } from "@jest/globals";
import { checkContent } from "../../src/events/build-event.ts";
import { builtInPresets, decisionOf, mergePresets } from "../../src/events/presets.ts";

test.each(builtInPresets.map((preset) => [preset.name, preset] as const))(
  "%s may be written as it is",
  (_name, preset) => {
    const { reason, type, message = "", component = "kev" } = preset;
    expect(checkContent({ reason, type, message, component, instance: "host" })).toMatchObject({
      reason,
      type,
      message,
    });
  },
);

test("a preset of one's own takes the place of a built-in one of its name", () => {
  const own = {
    name: "tested",
    reason: "SmokeTested",
    type: "Normal",
    description: "ours",
    source: "kev.yaml:2",
  } as const;
  const merged = mergePresets([own]);
  expect(merged.filter(({ name }) => name === "tested")).toEqual([own]);
  expect(merged).toHaveLength(builtInPresets.length);
});

test("decisions are known by their reason", () => {
  expect(decisionOf("Approval")?.name).toBe("approve");
  expect(decisionOf("Tested")).toBeUndefined();
});
