import { expect, test } from "@jest/globals";
import { keyedEventName } from "../../src/events/event-key.ts";

const key = { objectName: "db", uid: "u1", type: "Warning", reason: "BackupFailed", component: "kev", key: "nightly" };

test("the name of a key is the same everywhere and of its own for each part", () => {
  const name = keyedEventName(key);
  expect(keyedEventName({ ...key })).toBe(name);
  expect(name).toMatch(/^db\.[0-9a-f]{24}$/);
  for (const part of ["uid", "type", "reason", "component", "key"] as const) {
    expect(keyedEventName({ ...key, [part]: "other" })).not.toBe(name);
  }
  // Parts are kept apart: moving text from one to its neighbour is another key.
  expect(keyedEventName({ ...key, reason: "BackupFailedk", component: "ev" })).not.toBe(name);
});
