import { expect, test } from "@jest/globals";
import { goNumber } from "../../src/cli/go-number.ts";

// Each as Go 1.25's fmt.Print writes the value that k8s.io/apimachinery decodes.
test.each([
  [0, "0"],
  [-0, "0"],
  [42, "42"],
  [1_000_000, "1000000"],
  [9007199254740992, "9007199254740992"],
  [2.5, "2.5"],
  [-0.1, "-0.1"],
  [100000.5, "100000.5"],
  [1234567.5, "1.2345675e+06"],
  [0.0001, "0.0001"],
  [0.00001234, "1.234e-05"],
  [1e-7, "1e-07"],
  [1e21, "1e+21"],
])("%d", (value, text) => {
  expect(goNumber(value)).toBe(text);
});
