import { beforeEach, expect, test } from "@jest/globals";
import { defaultSettings } from "../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../src/probe/config/parse-target-url.ts";
import type { ProbeObserver } from "../../src/probe/probe-observer.ts";
import type { Outage } from "../../src/probe/probe-state.ts";
import { createRoster, type Roster } from "../../src/probe/roster.ts";
import type { RunningTarget } from "../../src/probe/run-target.ts";
import type { Subject } from "../../src/probe/subject.ts";
import type { ProbeEntry, ProbeTarget } from "../../src/probe/target.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";

const [one, other] = ["one", "other"].map((uid) => ({ uid }) as Subject) as [Subject, Subject];
const [first, second, third] = ["1", "2", "3"].map((name) => ({ name }) as ProbeEntry) as [
  ...[ProbeEntry, ProbeEntry, ProbeEntry],
];
const outage: Outage = { since: 0, failures: 7 };

let clock: ManualClock;
let roster: Roster;
let told: string[];
/** Of targets that begin from now on. */
let down: Outage | undefined;

beforeEach(() => {
  clock = manualClock("2026-11-28T10:00:00Z");
  [told, down] = [[], undefined];
  const noop = (): void => undefined;
  const observer: ProbeObserver = {
    ...{ checked: noop, expiring: noop, written: noop, notWritten: noop, lost: noop },
    ...{ gone: noop, back: noop, skipped: noop, disconnected: noop },
    added: ({ name }, isDown) => told.push(`added ${name}${isDown ? " down" : ""}`),
    removed: ({ name }, isDown) => told.push(`removed ${name}${isDown ? " down" : ""}`),
  };
  roster = createRoster({
    ...{ observer, clock, endWithin: 600_000 },
    start: ({ name }, { uid }, _delay, open) => {
      told.push(`begun ${name} on ${uid}${open ? ` with ${open.failures} told on ${open.toldOn}` : ""}`);
      return { outage: down, stop: (signal) => ended(name, signal) } as RunningTarget;
    },
  });
});

/** Nothing of it can be written. */
async function ended(name: string, signal: AbortSignal): Promise<void> {
  const began = clock.elapsed();
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
  told.push(`given up ${name} after ${(clock.elapsed() - began) / 1_000}s`);
}

function target(name: string): ProbeTarget {
  return { name, url: targetUrl("https://ui"), settings: defaultSettings };
}

test("a name that is taken is begun by who waits when it is given up, and by nobody who waits no more", async () => {
  expect([first, second, third].map((entry) => roster.begin(target("ui"), one, entry))).toEqual([true, false, false]);
  roster.end(target("ui"), second, false);
  roster.end(target("ui"), first, false);
  expect(told).toEqual(["added ui", "begun ui on one", "removed ui", "added ui", "begun ui on one"]);
  roster.end(target("ui"), third, false);
  expect(told.at(-1)).toBe("removed ui");
  expect(roster.running).toEqual([]);
});

test("an outage goes on for who comes back on the same object within the life of its event", async () => {
  roster.leftOpen("one", "ui", outage);
  down = outage;
  roster.begin(target("ui"), one, first);
  for (const milliseconds of [60_000, 3_600_000]) {
    roster.end(target("ui"), first, false);
    await clock.advance(milliseconds);
    roster.begin(target("ui"), one, first);
  }
  roster.end(target("ui"), first, false);
  roster.begin(target("ui"), other, second);
  expect(told.filter((line) => line.startsWith("begun"))).toEqual([
    ...["begun ui on one with 7 told on one", "begun ui on one with 7 told on one", "begun ui on one"],
    "begun ui on other",
  ]);
});

test("what was made again gets the outage that was told on the one before", async () => {
  const subject = { uid: "old" };
  down = outage;
  roster.begin(target("ui"), subject as Subject, first);
  roster.end(target("ui"), first, true);
  subject.uid = "new";
  roster.begin(target("ui"), subject as Subject, first);
  await clock.advance(0);
  expect(told).toEqual([
    ...["added ui", "begun ui on old", "removed ui down", "given up ui after 0s"],
    ...["added ui down", "begun ui on new with 7 told on old"],
  ]);
});

test("what waits to be written has its time, which the end of the probe cuts short", async () => {
  roster.begin(target("a"), one, first);
  roster.begin(target("b"), one, first);
  roster.begin(target("c"), one, first);
  roster.end(target("a"), first, false);
  await clock.advance(600_000);
  roster.end(target("b"), first, false);
  const last = new AbortController();
  const stopped = roster.stop(last.signal).then(() => told.push("stopped"));
  await clock.advance(5_000);
  last.abort();
  await stopped;
  expect(told.slice(6).sort()).toEqual([
    ...["given up a after 600s", "given up b after 5s", "given up c after 5s"],
    ...["removed a", "removed b", "stopped"],
  ]);
});
