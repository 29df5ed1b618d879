import { expect, test } from "@jest/globals";
import { mapConcurrent } from "../../src/util/map-concurrent.ts";
import { settled } from "../support/fake-clock.ts";

test("keeps the order and the bound", async () => {
  let underWay = 0;
  let most = 0;
  const results: number[] = [];
  const work = async (item: number): Promise<number> => {
    underWay++;
    most = Math.max(most, underWay);
    for (let turn = 0; turn < 10 - item; turn++) await Promise.resolve();
    underWay--;
    return item * 10;
  };
  for await (const result of mapConcurrent([1, 2, 3, 4, 5, 6], 3, work)) results.push(result);
  expect(results).toEqual([10, 20, 30, 40, 50, 60]);
  expect(most).toBe(3);
});

test("a failure comes at its place", async () => {
  const results: number[] = [];
  const run = async (): Promise<void> => {
    const map = async (item: number): Promise<number> => {
      if (item === 2) throw new Error("two");
      return item;
    };
    for await (const result of mapConcurrent([1, 2, 3], 3, map)) results.push(result);
  };
  await expect(run()).rejects.toThrow("two");
  expect(results).toEqual([1]);
});

test("a slow call holds up those behind it, but for as many results as may wait for it", async () => {
  const begun: number[] = [];
  let release = (): void => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const map = async (item: number): Promise<number> => {
    begun.push(item);
    if (item === 1) await slow;
    return item;
  };
  const results = mapConcurrent([1, 2, 3, 4, 5, 6], 2, map, 1);
  const first = results.next();
  await settled();
  expect(begun).toEqual([1, 2, 3]);
  release();
  expect(await first).toEqual({ done: false, value: 1 });
  const rest: number[] = [];
  for await (const result of results) rest.push(result);
  expect(rest).toEqual([2, 3, 4, 5, 6]);
});
