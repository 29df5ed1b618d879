import { expect, test } from "@jest/globals";
import { cutMessage } from "../../src/sinks/cut-message.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { bareDelivery } from "../support/sample-delivery.ts";

const textOf = ({ id, event: { message } }: Delivery): string => JSON.stringify({ id, message });

test.each([
  ["fits", 35, '{"id":"a/1","message":"0123456789"}', "0123456789"],
  ["is too long", 34, '{"id":"a/1","message":"012345…"}', "0123456789"],
  ["would end within a letter", 35, '{"id":"a/1","message":"äää…"}', "ääääääa"],
  ["has escapes: it may lose more than it must", 40, '{"id":"a/1","message":"\\n\\n…"}', "\n\n\n\n\n\n\n\n\n\n"],
  ["cannot be cut enough", 10, '{"id":"a/1","message":"…"}', "0123456789"],
])("cutMessage where the text %s", (_what, most, expected, message) => {
  expect(cutMessage(bareDelivery("a", { message }), most, textOf)).toBe(expected);
});

test("cutMessage leaves an event without message as it is", () => {
  const { id, event } = bareDelivery("a");
  const { message: _, ...rest } = event;
  expect(cutMessage({ ...bareDelivery("a"), event: rest }, 1, textOf)).toBe(`{"id":"${id}"}`);
});
