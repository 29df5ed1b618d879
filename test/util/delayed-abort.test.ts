import { expect, test } from "@jest/globals";
import { delayedAbort } from "../../src/util/delayed-abort.ts";
import { handClock } from "../support/fake-clock.ts";

const clock = () => handClock("2026-11-23T09:30:00Z");

test("aborts later, for the same reason", async () => {
  const [abort, time] = [new AbortController(), clock()];
  const { signal } = delayedAbort(abort.signal, 1_000, time);
  abort.abort("enough");
  await time.advance(999);
  expect(signal.aborted).toBe(false);
  await time.advance(1);
  expect(signal.reason).toBe("enough");
});

test("aborts at once where that has happened already", () => {
  expect(delayedAbort(AbortSignal.abort("enough"), 1_000, clock()).signal.reason).toBe("enough");
});

test("holds nothing at its end", async () => {
  const [abort, time] = [new AbortController(), clock()];
  const late = delayedAbort(abort.signal, 1_000, time);
  abort.abort("enough");
  late.end();
  await time.advance(1_000);
  expect([late.signal.aborted, time.sleeping]).toEqual([false, []]);
});
