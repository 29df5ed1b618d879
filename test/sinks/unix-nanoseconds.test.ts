import { expect, test } from "@jest/globals";
import { unixNanoseconds } from "../../src/sinks/unix-nanoseconds.ts";

test.each([
  ["2026-11-23T09:30:00Z", "1795426200000000000"],
  ["2026-11-23T09:30:00.123456Z", "1795426200123456000"],
  ["2026-11-23T09:30:00.1234567899Z", "1795426200123456789"],
  ["2026-11-23T10:30:00.5+01:00", "1795426200500000000"],
  ["soon", "0"],
])("unixNanoseconds(%j) is %s", (time, expected) => {
  expect(unixNanoseconds(time)).toBe(expected);
});
