import { beforeEach, describe, expect, test } from "@jest/globals";
import { type ChangeBuffer, createChangeBuffer } from "../../../src/route/core/change-buffer.ts";
import { type HandClock, handClock, settled } from "../../support/fake-clock.ts";

let clock: HandClock;
let buffer: ChangeBuffer<number>;
/** What the reader got; "end" behind the last. */
let groups: (number[] | "end")[];

beforeEach(() => {
  clock = handClock("2026-11-23T09:30:00Z");
  buffer = createChangeBuffer({ most: 15, linger: [10, 200], clock });
  groups = [];
});

async function take(): Promise<void> {
  groups.push((await buffer.take()) ?? "end");
}
const pushAll = (count: number): (Promise<void> | undefined)[] =>
  Array.from({ length: count }, (_, index) => buffer.push(index));
const range = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("the reader", () => {
  test("waits for something, and a little for more", async () => {
    take();
    await settled();
    expect(clock.sleeping).toEqual([]);
    buffer.push(1);
    await clock.advance(9);
    buffer.push(2);
    expect(groups).toEqual([]);
    await clock.advance(1);
    expect(groups).toEqual([[1, 2]]);
  });

  test.each([
    [1, 29],
    [10, 200],
    [14, 200],
  ])("waits after a group of %d for %d ms", async (size, milliseconds) => {
    pushAll(size);
    take();
    await clock.advance(10);
    take();
    buffer.push(1);
    await settled();
    expect(clock.sleeping).toEqual([milliseconds]);
  });

  test("waits no longer once it is full", async () => {
    take();
    buffer.push(0);
    await settled();
    for (let item = 1; item < 15; item++) buffer.push(item);
    await settled();
    expect(groups).toEqual([range(15)]);
    expect(clock.sleeping).toEqual([]);
  });

  test("does not wait at all for what is full already", async () => {
    pushAll(15);
    await take();
    expect(groups).toEqual([range(15)]);
  });

  test("gets what is left at the end, and then the end", async () => {
    take();
    buffer.push(1);
    await settled();
    buffer.end();
    await settled();
    await take();
    await take();
    expect(groups).toEqual([[1], "end", "end"]);
    expect(clock.sleeping).toEqual([]);
  });

  test("is told the end while it waits", async () => {
    take();
    await settled();
    buffer.end();
    await settled();
    expect(groups).toEqual(["end"]);
  });
});

describe("the writer", () => {
  test("waits when it is full, until it is taken", async () => {
    const waits = pushAll(15);
    expect(waits.slice(0, 14)).toEqual(Array(14).fill(undefined));
    let isOver = false;
    waits[14]?.then(() => {
      isOver = true;
    });
    await settled();
    expect(isOver).toBe(false);
    await take();
    await settled();
    expect(isOver).toBe(true);
  });

  test("waits no longer after the end: the reader may be gone", async () => {
    const waits = pushAll(15);
    buffer.end();
    await waits[14];
    expect(buffer.push(15)).toBeUndefined();
  });
});

test("is idle when the reader has come back, and nothing is there", async () => {
  expect(buffer.isIdle).toBe(true);
  take();
  buffer.push(1);
  expect(buffer.isIdle).toBe(false);
  await clock.advance(10);
  expect([groups, buffer.isIdle]).toEqual([[[1]], false]);
  take();
  expect(buffer.isIdle).toBe(true);
});
