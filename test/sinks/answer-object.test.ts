import { expect, test } from "@jest/globals";
import { answerObject } from "../../src/sinks/answer-object.ts";

test.each([
  ["", false, {}],
  [" \n", false, {}],
  ['{"a":1}', false, { a: 1 }],
  ["[]", false, undefined],
  ["null", false, undefined],
  ["<html>", false, undefined],
  ['{"a":1}', true, undefined],
])("answerObject of %j, cut: %s", (body, isCut, expected) => {
  expect(answerObject({ status: 200, headers: {}, body, isCut })).toEqual(expected);
});
