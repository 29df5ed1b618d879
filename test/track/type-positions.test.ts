import { expect, test } from "@jest/globals";
import { createTypePositions } from "../../src/track/type-positions.ts";

test("what nothing happens to is stored once a minute, and at the end", async () => {
  const positions = createTypePositions({ marks: { pods: "5" }, followedAt: { pods: 0 } });
  const stored: unknown[] = [];
  const save = async (isEnd = false) => {
    if (positions.isStale(isEnd)) await positions.store(async (where) => void stored.push(where));
  };
  positions.follow(["pods"], 59_999);
  await save();
  positions.follow(["pods"], 60_000);
  await save();
  positions.follow(["pods"], 61_000);
  await save();
  await save(true);
  await save(true);
  expect(stored).toEqual([
    { marks: {}, followedAt: { pods: 60_000 } },
    { marks: {}, followedAt: { pods: 61_000 } },
  ]);
});

test("a mark that moves while it is stored is stored again", async () => {
  const positions = createTypePositions({ marks: {}, followedAt: {} });
  expect(positions.isBegun("pods")).toBe(false);
  positions.move("pods", "5", 1);
  await positions.store(async () => positions.move("pods", "6", 2));
  expect([positions.isBegun("pods"), positions.isStale(false)]).toEqual([true, true]);
  await positions.store(async (where) => expect(where).toEqual({ marks: { pods: "6" }, followedAt: { pods: 2 } }));
  expect(positions.isStale(true)).toBe(false);
});
