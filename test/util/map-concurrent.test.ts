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
  const results = mapConcurrent([1, 2, 3, 4, 5, 6], 2, map, { waiting: 1 });
  const first = results.next();
  await settled();
  expect(begun).toEqual([1, 2, 3]);
  release();
  expect(await first).toEqual({ done: false, value: 1 });
  const rest: number[] = [];
  for await (const result of results) rest.push(result);
  expect(rest).toEqual([2, 3, 4, 5, 6]);
});

const same = async (item: number): Promise<number> => item;

async function* later(): AsyncGenerator<number> {
  yield* now();
}
function* now(): Generator<number> {
  yield 1;
  yield 2;
  throw new Error("the disk is gone");
}

test.each([
  ["later", later],
  ["at once", now],
])("an item that cannot be read, %s, is a failure behind the results of those before it", async (_when, items) => {
  const results: number[] = [];
  const run = async (): Promise<void> => {
    for await (const result of mapConcurrent(items(), 3, same)) results.push(result);
  };
  await expect(run()).rejects.toThrow("the disk is gone");
  expect(results).toEqual([1, 2]);
});

test("calls go on while results are taken one by one", async () => {
  let underWay = 0;
  const during: number[] = [];
  const map = async (item: number): Promise<number> => {
    underWay++;
    await settled();
    underWay--;
    return item;
  };
  const items = Array.from({ length: 40 }, (_, index) => index);
  for await (const result of mapConcurrent(items, 4, map, { waiting: 4 })) {
    during.push(underWay);
    if (result % 4 === 0) await settled();
  }
  // But for the first and the last, whose neighbours are not there.
  expect(Math.min(...during.slice(4, -4))).toBeGreaterThan(0);
});

test("who leaves while the source sleeps has nothing begun for him when it wakes", async () => {
  const begun: number[] = [];
  let wake = (): void => undefined;
  const asleep = new Promise<void>((resolve) => (wake = resolve));
  async function* items(): AsyncGenerator<number> {
    yield 1;
    await asleep;
    yield 2;
  }
  const map = async (item: number): Promise<number> => {
    begun.push(item);
    return item;
  };
  for await (const _result of mapConcurrent(items(), 3, map)) break;
  wake();
  await settled();
  expect(begun).toEqual([1]);
});

test("a source that stops it all and then sleeps holds up nobody", async () => {
  const stop = new AbortController();
  async function* items(): AsyncGenerator<number> {
    stop.abort(new Error("enough"));
    await new Promise(() => undefined);
    yield 1;
  }
  await expect(mapConcurrent(items(), 3, same, { stop: stop.signal }).next()).rejects.toThrow("enough");
});

test("a source that cannot be closed does not hide what has failed", async () => {
  async function* items(): AsyncGenerator<number> {
    try {
      for (let item = 1; ; item++) yield item;
    } finally {
      await Promise.reject(new Error("cannot be closed"));
    }
  }
  const map = async (): Promise<number> => Promise.reject(new Error("no"));
  await expect(mapConcurrent(items(), 1, map).next()).rejects.toThrow("no");
});

test("once it is to stop nothing more is read, though the source is asleep, and what is under way is told", async () => {
  const stop = new AbortController();
  const begun: number[] = [];
  let release = (): void => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  async function* items(): AsyncGenerator<number> {
    yield 1;
    await new Promise(() => undefined);
  }
  const map = async (item: number): Promise<number> => {
    begun.push(item);
    await slow;
    return item;
  };
  const results = mapConcurrent(items(), 3, map, { stop: stop.signal });
  const first = results.next();
  await settled();
  stop.abort(new Error("enough"));
  await settled();
  release();
  expect(await first).toEqual({ done: false, value: 1 });
  await expect(results.next()).rejects.toThrow("enough");
  expect(begun).toEqual([1]);
});

test.each([
  ["its reader leaves", same],
  ["a call fails", async (): Promise<number> => Promise.reject(new Error("no"))],
])("the source is closed when %s", async (_when, map) => {
  let isClosed = false;
  async function* items(): AsyncGenerator<number> {
    try {
      for (let item = 1; ; item++) yield item;
    } finally {
      isClosed = true;
    }
  }
  const run = async (): Promise<void> => {
    for await (const _result of mapConcurrent(items(), 1, map)) break;
  };
  await run().catch(() => undefined);
  await settled();
  expect(isClosed).toBe(true);
});
