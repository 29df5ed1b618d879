import { expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { foldEvents } from "../../src/events/fold-events.ts";

const at = (time: string): Pick<KubeEvent, "firstTimestamp" | "lastTimestamp"> => ({
  firstTimestamp: `2026-11-28T${time}:00Z`,
  lastTimestamp: `2026-11-28T${time}:00Z`,
});
const earlier: KubeEvent = {
  metadata: { name: "ui.1", labels: { a: "1" } },
  involvedObject: { kind: "Pod", name: "ui" },
  message: "first",
  count: 3,
  ...at("09:30"),
};
const later: KubeEvent = {
  ...earlier,
  metadata: { name: "ui.2", labels: { b: "2" }, annotations: { "example.com/c": "3" } },
  message: "second",
  count: 2,
  ...at("10:00"),
};

test("two states of an event are one: counts and times of both, and the newest words", () => {
  expect(foldEvents(earlier, later)).toEqual({
    metadata: { name: "ui.1", labels: { a: "1", b: "2" }, annotations: { "example.com/c": "3" } },
    involvedObject: { kind: "Pod", name: "ui" },
    message: "second",
    count: 5,
    firstTimestamp: "2026-11-28T09:30:00Z",
    lastTimestamp: "2026-11-28T10:00:00Z",
  });
});

test("what is told late widens the time and says nothing new", () => {
  expect(foldEvents(earlier, { ...later, ...at("09:00") })).toMatchObject({
    message: "first",
    firstTimestamp: "2026-11-28T09:00:00Z",
    lastTimestamp: "2026-11-28T09:30:00Z",
  });
});
