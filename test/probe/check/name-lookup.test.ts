import type { LookupAddress } from "node:dns";
import { beforeEach, expect, test } from "@jest/globals";
import { createNameLookup, lookupThreads } from "../../../src/probe/check/name-lookup.ts";
import { type ManualClock, manualClock } from "../../support/manual-clock.ts";

let clock: ManualClock;
/** Seconds at which each look-up of the system begins. */
let asked: string[];
let answers: string[];
/** Seconds that a name takes; others take no time. */
let takes: Record<string, number>;

beforeEach(() => {
  clock = manualClock("2026-11-28T10:00:00Z");
  [asked, answers, takes] = [[], [], {}];
});

const second = (): string => `${clock.elapsed() / 1_000}s`;

async function resolve(host: string): Promise<LookupAddress[]> {
  asked.push(`${second()} ${host}`);
  await clock.sleep((takes[host] ?? 0) * 1_000);
  if (host.startsWith("gone")) throw Object.assign(new Error("gone"), { code: "ENOTFOUND" });
  return [
    { address: "192.0.2.1", family: 4 },
    { address: "2001:db8::1", family: 6 },
  ];
}

function lookUp(most: number, options = {}): (...hosts: string[]) => void {
  const lookup = createNameLookup({ clock, most, resolve });
  return (...hosts) => {
    for (const host of hosts) {
      lookup(host, options, (error, address, family) => {
        const found = error ? (error as NodeJS.ErrnoException).code : JSON.stringify(address) + (family ?? "");
        answers.push(`${second()} ${host} ${found}`);
      });
    }
  };
}

test("answers as dns.lookup does", async () => {
  lookUp(9)("ui", "gone");
  lookUp(9, { family: 6 })("ui");
  lookUp(9, { all: true })("ui");
  await clock.advance(0);
  expect(answers.sort()).toEqual([
    "0s gone ENOTFOUND",
    '0s ui "192.0.2.1"4',
    '0s ui "2001:db8::1"6',
    '0s ui [{"address":"192.0.2.1","family":4},{"address":"2001:db8::1","family":6}]',
  ]);
});

test("a name is looked up once at a time, for all who ask meanwhile", async () => {
  takes = { slow: 20 };
  const look = lookUp(9);
  look("slow", "slow");
  await clock.advance(10_000);
  look("slow");
  await clock.advance(10_000);
  expect(asked).toEqual(["0s slow"]);
  expect(answers).toEqual(Array(3).fill('20s slow "192.0.2.1"4'));
  look("slow");
  await clock.advance(20_000);
  expect(asked).toEqual(["0s slow", "20s slow"]);
});

test("names that were slow leave a thread to the others", async () => {
  takes = { slow: 20, "slow-too": 20 };
  const look = lookUp(2);
  look("slow", "slow-too");
  await clock.advance(20_000);
  look("slow", "slow-too", "ui", "new");
  await clock.advance(30_000);
  look("ui");
  await clock.advance(30_000);
  expect(answers).toEqual([
    ...['20s slow "192.0.2.1"4', '20s slow-too "192.0.2.1"4'],
    ...['20s ui "192.0.2.1"4', '20s new "192.0.2.1"4', '40s slow "192.0.2.1"4'],
    ...['50s ui "192.0.2.1"4', '60s slow-too "192.0.2.1"4'],
  ]);
});

test("a slow name that has become quick is as any other", async () => {
  takes = { slow: 20, "slow-too": 20 };
  const look = lookUp(2);
  look("slow", "slow-too");
  await clock.advance(20_000);
  takes = { "slow-too": 20 };
  look("slow");
  await clock.advance(0);
  look("slow-too");
  await clock.advance(2_000);
  look("slow");
  await clock.advance(0);
  expect(answers.at(-1)).toBe('22s slow "192.0.2.1"4');
});

test("half of libuv's threads", () => {
  const sizes = [undefined, "", "x", "1", "5", "32", "5000"].map((size) => lookupThreads({ UV_THREADPOOL_SIZE: size }));
  expect(sizes).toEqual([2, 2, 2, 1, 3, 16, 512]);
});
