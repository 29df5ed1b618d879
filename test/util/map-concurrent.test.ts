import { expect, test } from "@jest/globals";
import { mapConcurrent } from "../../src/util/map-concurrent.ts";

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
