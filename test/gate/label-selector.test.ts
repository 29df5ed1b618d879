import { expect, test } from "@jest/globals";
import { selects } from "../../src/gate/label-selector.ts";

const labels = { app: "ui", tier: "web" };

test.each<[unknown, boolean]>([
  [{}, true],
  [{ matchLabels: { app: "ui" } }, true],
  [{ matchLabels: { app: "ui", tier: "db" } }, false],
  [{ matchExpressions: [{ key: "app", operator: "In", values: ["ui", "api"] }] }, true],
  [{ matchExpressions: [{ key: "none", operator: "In", values: ["ui"] }] }, false],
  [{ matchExpressions: [{ key: "none", operator: "NotIn", values: ["ui"] }] }, true],
  [{ matchExpressions: [{ key: "app", operator: "NotIn", values: ["ui"] }] }, false],
  [{ matchExpressions: [{ key: "app", operator: "Exists" }] }, true],
  [{ matchExpressions: [{ key: "app", operator: "DoesNotExist" }] }, false],
  [{ matchLabels: { app: "ui" }, matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] }, false],
  // What cannot be understood selects nothing.
  [{ matchExpressions: [{ key: "app", operator: "Near" }] }, false],
  [{ matchExpressions: "all" }, false],
  [null, false],
])("%j", (selector, isSelected) => {
  expect(selects(selector, labels)).toBe(isSelected);
});
