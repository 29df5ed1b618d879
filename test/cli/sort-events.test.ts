import { describe, expect, test } from "@jest/globals";
import { byLastSeen, bySortPath, type EventOrder } from "../../src/cli/sort-events.ts";
import type { KubeEvent } from "../../src/events/event.ts";
import { sampleEvent } from "../support/sample-event.ts";

const named = (name: string, more: Partial<KubeEvent> & { version?: string } = {}): KubeEvent => {
  const { version, ...members } = more;
  return sampleEvent({ metadata: { name, ...(version !== undefined && { resourceVersion: version }) }, ...members });
};
const inOrder = (order: EventOrder, events: readonly KubeEvent[]): KubeEvent[] =>
  order(events.map((event) => ({ event }))).map(({ event }) => event);
const namesIn = (order: EventOrder, events: readonly KubeEvent[]): (string | undefined)[] =>
  inOrder(order, events).map(({ metadata }) => metadata.name);

test("kev's order: last seen, first seen, resourceVersion, and as they came", () => {
  const [nine, ten] = ["2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z"];
  const events = [
    named("series", { eventTime: nine, series: { count: 2, lastObservedTime: "2026-11-23T10:00:01.000000Z" } }),
    named("v10", { firstTimestamp: ten, lastTimestamp: ten, version: "10000000000000000010" }),
    named("v9", { firstTimestamp: ten, lastTimestamp: ten, version: "9" }),
    named("first", { firstTimestamp: nine, lastTimestamp: ten, version: "99" }),
    named("single", { eventTime: "2026-11-23T09:59:59.999999Z" }),
    named("created", { metadata: { name: "created", creationTimestamp: nine } }),
    named("b"),
    named("a"),
  ];
  const before = [...events];
  expect(namesIn(byLastSeen, events)).toEqual(["b", "a", "created", "single", "first", "v9", "v10", "series"]);
  expect(events).toEqual(before);
});

describe("--sort-by", () => {
  test.each<[string, (string | number | null | undefined)[], number[]]>([
    ["numbers by value", [10, 9, 2.5, -1], [3, 2, 1, 0]],
    ["texts by code point", ["b", "a", "B", "\u{1f600}", "\uff01"], [2, 1, 0, 4, 3]],
    ["quantities by what they mean", ["1Gi", "1k", "999", "1Ki", "500m", "1e3", "2M"], [4, 2, 1, 5, 3, 6, 0]],
    ["long whole numbers exactly", ["9007199254740993", "9007199254740992", "+1"], [2, 1, 0]],
    ["a quantity and a word as texts", ["10", "9x"], [0, 1]],
    ["nothing and null first, alike as they came", ["a", undefined, null, ""], [1, 2, 3, 0]],
    ["a text after a number", ["1", 2], [1, 0]],
  ])("%s", (_, values, order) => {
    const events = values.map((value, index) => ({ ...named(String(index)), value }) as KubeEvent);
    expect(namesIn(bySortPath(".value"), events)).toEqual(order.map(String));
  });

  test.each(["metadata.name", ".metadata.name", "{metadata.name}", "{.metadata.name}"])("takes %s", (path) => {
    expect(namesIn(bySortPath(path), [named("b"), named("a")])).toEqual(["a", "b"]);
  });

  test("nothing is kev's order", () => {
    expect(bySortPath("")).toBe(byLastSeen);
  });

  test("a field that no event has", () => {
    const order = bySortPath("nope");
    const message = 'couldn\'t find any field with path "{.nope}" in the list of objects';
    expect(() => inOrder(order, [named("a")])).toThrow(expect.objectContaining({ kind: "failed", message }));
    expect(order([])).toEqual([]);
  });

  test.each([
    ["involvedObject", "field {.involvedObject} is an unsortable type: map[string]interface {}"],
    ["metadata.labels.a", "field {.metadata.labels.a} is an unsortable type: bool"],
  ])("what has no order: %s", (path, message) => {
    const event = sampleEvent({ metadata: { labels: { a: true as unknown as string } } });
    expect(() => bySortPath(path)([{ event }])).toThrow(expect.objectContaining({ kind: "usage", message }));
  });

  test.each([
    ["{.a[}", "error parsing jsonpath {.a[}, unterminated array"],
    [
      "a{b",
      "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'",
    ],
  ])("a path that cannot be read: %s", (path, message) => {
    expect(() => bySortPath(path)).toThrow(expect.objectContaining({ kind: "usage", message }));
  });
});
