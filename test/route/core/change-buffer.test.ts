import { beforeEach, describe, expect, test } from "@jest/globals";
import { type ChangeBuffer, createChangeBuffer } from "../../../src/route/core/change-buffer.ts";
import { settled } from "../../support/fake-clock.ts";

let buffer: ChangeBuffer<number>;
/** What the reader got; "end" behind the last. */
let groups: (number[] | "end")[];

beforeEach(() => {
  buffer = createChangeBuffer(3);
  groups = [];
});

async function take(): Promise<void> {
  groups.push((await buffer.take()) ?? "end");
}

describe("the reader", () => {
  test("waits for something, and no longer", async () => {
    take();
    buffer.push([]);
    await settled();
    expect(groups).toEqual([]);
    buffer.push([1, 2]);
    await settled();
    expect(groups).toEqual([[1, 2]]);
  });

  test("gets all that has come meanwhile", async () => {
    buffer.push([1]);
    buffer.push([2, 3, 4]);
    await take();
    expect(groups).toEqual([[1, 2, 3, 4]]);
  });

  test("gets what is left at the end, and then the end", async () => {
    buffer.push([1]);
    buffer.end();
    await take();
    await take();
    expect(groups).toEqual([[1], "end"]);
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
    expect(buffer.push([1, 2])).toBeUndefined();
    let isOver = false;
    buffer.push([3])?.then(() => {
      isOver = true;
    });
    await settled();
    expect(isOver).toBe(false);
    await take();
    await settled();
    expect(isOver).toBe(true);
  });

  test("waits no longer after the end: the reader may be gone", async () => {
    const waits = buffer.push([1, 2, 3]);
    buffer.end();
    await waits;
    expect(buffer.push([4])).toBeUndefined();
  });
});

test("is idle when the reader has come back, and nothing is there", async () => {
  expect(buffer.isIdle).toBe(true);
  take();
  buffer.push([1]);
  expect(buffer.isIdle).toBe(false);
  await settled();
  expect([groups, buffer.isIdle]).toEqual([[[1]], false]);
  take();
  expect(buffer.isIdle).toBe(true);
});
