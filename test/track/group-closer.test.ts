import { getEventListeners } from "node:events";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createGroupCloser, type GroupCloser } from "../../src/track/group-closer.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";

let clock: ManualClock;
let until: AbortController;
/** When groups are due; those that were closed are gone. */
let groups: number[];
let closer: GroupCloser;
let running: Promise<void>;

beforeEach(async () => {
  clock = manualClock("2026-11-23T09:30:00Z");
  until = new AbortController();
  groups = [];
  const closeDue = async (times: { until: number; beyond?: number | undefined }) => {
    groups = groups.filter((at) => at > times.until && at <= (times.beyond ?? Number.MAX_SAFE_INTEGER));
    return groups.length === 0 ? undefined : Math.min(...groups);
  };
  closer = createGroupCloser({ log: { closeDue }, debounce: 2_000, onClosed: () => undefined, clock });
  running = closer.run(until.signal);
  await clock.advance(0);
});
afterEach(() => until.abort());

async function found(inMilliseconds: number): Promise<void> {
  groups.push(clock.now().getTime() + inMilliseconds);
  closer.wake();
  await clock.advance(0);
}

test("groups are closed when they are due", async () => {
  await found(2_000);
  await clock.advance(1_999);
  expect(groups).toHaveLength(1);
  await clock.advance(1);
  expect(groups).toEqual([]);
});

test("groups are closed within the debounce though the clock was set back", async () => {
  await found(2_000);
  const now = clock.now;
  clock.now = () => new Date(now().getTime() - 3_600_000);
  await clock.advance(2_000);
  expect(groups).toEqual([]);
});

test("the closer ends when it is told to, and leaves nothing on who has told it", async () => {
  for (let wakes = 0; wakes < 20; wakes++) await found(60_000);
  expect(getEventListeners(until.signal, "abort")).toHaveLength(1);
  until.abort();
  await running;
});
