import { expect, test } from "@jest/globals";
import { createMemory, renewed } from "../../src/util/memory.ts";
import { fakeClock } from "../support/fake-clock.ts";

const clock = fakeClock("2026-11-28T09:30:00Z");

function looking(...results: (string | Error)[]) {
  let looks = 0;
  const look = async (): Promise<string> => {
    const result = results[looks++];
    if (result instanceof Error || result === undefined) throw result ?? new Error("Unexpected look");
    return result;
  };
  return look;
}

test("one look for all who ask while it is under way, and afterwards", async () => {
  const memory = createMemory<string>({ limit: 2, maxAge: 1_000, clock });
  const look = looking("a");
  expect(await Promise.all([memory.get("x", look), memory.get("x", look)])).toEqual(["a", "a"]);
  expect(await memory.get("x", look)).toBe("a");
});

test("looks anew after a failure, when it was told to forget, and for the oldest beyond the limit", async () => {
  const memory = createMemory<string>({ limit: 2, maxAge: 1_000, clock });
  const look = looking(new Error("not now"), "a", "b", "c");
  await expect(memory.get("x", look)).rejects.toThrow("not now");
  expect(await memory.get("x", look)).toBe("a");
  memory.forget("x");
  expect(await memory.get("x", look)).toBe("b");
  await memory.get("y", looking("y"));
  await memory.get("z", looking("z"));
  expect(await memory.get("x", look)).toBe("c");
});

test("looks anew when it is too old, counted from the look and not from the last question, and when the clock was set back", async () => {
  const memory = createMemory<string>({ limit: 2, maxAge: 1_000, clock });
  const look = looking("a", "b", "c");
  await memory.get("x", look);
  await clock.sleep(999);
  expect(await memory.get("x", look)).toBe("a");
  await clock.sleep(1);
  expect(await memory.get("x", look)).toBe("b");
  await clock.sleep(-500);
  expect(await memory.get("x", look)).toBe("c");
});

test("a value is made anew after its time only", async () => {
  let made = 0;
  const value = renewed(() => ++made, { maxAge: 1_000, clock });
  expect([value(), value()]).toEqual([1, 1]);
  await clock.sleep(1_000);
  expect([value(), value()]).toEqual([2, 2]);
});
