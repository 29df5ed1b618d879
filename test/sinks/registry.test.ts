import { expect, test } from "@jest/globals";
import { findSinkType, sinkTypes } from "../../src/sinks/registry.ts";

test("every kind of sink has a name of its own, by which it is found", () => {
  const names = sinkTypes.map(({ type }) => type);
  expect(new Set(names).size).toBe(names.length);
  expect(names.map((name) => findSinkType(name)?.type)).toEqual(names);
  expect(findSinkType("lorry")).toBeUndefined();
});
