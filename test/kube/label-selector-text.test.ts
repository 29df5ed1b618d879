import { expect, test } from "@jest/globals";
import { labelSelectorText } from "../../src/kube/label-selector-text.ts";

test.each<[string, unknown, string | undefined]>([
  ["labels", { matchLabels: { app: "ui", tier: "" } }, "app=ui,tier="],
  [
    "expressions",
    {
      matchLabels: { app: "ui" },
      matchExpressions: [
        { key: "a", operator: "In", values: ["1", "2"] },
        { key: "b", operator: "NotIn", values: ["3"] },
        { key: "c", operator: "Exists" },
        { key: "d", operator: "DoesNotExist" },
      ],
    },
    "app=ui,a in (1,2),b notin (3),c,!d",
  ],
  ["everything", {}, ""],
  ["nothing at all", undefined, undefined],
  ["an operator of the future", { matchExpressions: [{ key: "a", operator: "Gt", values: ["1"] }] }, undefined],
  ["a list without values", { matchExpressions: [{ key: "a", operator: "In" }] }, undefined],
  ["no list", { matchExpressions: {} }, undefined],
])("%s", (_what, selector, text) => expect(labelSelectorText(selector)).toBe(text));
