import { beforeEach, describe, expect, test } from "@jest/globals";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { defaultSettings } from "../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../src/probe/config/parse-target-url.ts";
import { createOutageReporter, type OutageReporter } from "../../src/probe/outage-reporter.ts";
import type { ProbeObserver } from "../../src/probe/probe-observer.ts";
import type { OpenOutage } from "../../src/probe/probe-state.ts";
import type { Subject } from "../../src/probe/subject.ts";
import type { CheckResult } from "../../src/probe/target.ts";
import { createLimiter } from "../../src/util/limiter.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";

const url = targetUrl("https://ui.example.com");
const target = { name: "ui", url, settings: defaultSettings };

let clock: ManualClock;
let uid: string;
/** `SECOND REASON count/amount occurrence` of each try. */
let tries: string[];
let occurrences: string[];
let failWith: Error | undefined;
let lost: string[];

beforeEach(() => {
  clock = manualClock("2026-11-28T10:00:00Z");
  uid = "one";
  [tries, occurrences, lost] = [[], [], []];
  failWith = undefined;
});

const observer: ProbeObserver = {
  ...{ added: noop, removed: noop, checked: noop, expiring: noop, written: noop, notWritten: noop },
  ...{ gone: noop, back: noop, skipped: noop, disconnected: noop },
  lost: (_target, reason, count) => lost.push(`${reason} ${count}`),
};

function noop(): void {}

function reporter(open?: OpenOutage): OutageReporter {
  const subject = {
    get uid() {
      return uid;
    },
  } as Subject;
  return createOutageReporter({
    ...{ target, subject, observer, clock, open, writeEvery: 30_000, limit: createLimiter(1), random: () => 0.999 },
    write: async (_subject, event, occurrence) => {
      tries.push(
        `${clock.elapsed() / 1_000}s ${event.reason} ${event.count}/${event.amount}${failWith ? " failed" : ""}`,
      );
      occurrences.push(occurrence);
      if (failWith) throw failWith;
      return { event: { metadata: {}, involvedObject: {} }, uid };
    },
  });
}

const result = (): CheckResult => ({ outcome: "connect", at: clock.now(), milliseconds: 1, seen: "refused" });

/** A failed check each ten seconds, of an outage that began with the clock. */
async function fail(one: OutageReporter, from: number, to: number): Promise<void> {
  for (let failures = from; failures <= to; failures++) {
    one.failed({ since: 0, failures }, result());
    await clock.advance(10_000);
  }
}

describe("createOutageReporter", () => {
  test("an outage that was told on another object is told as a whole on this one", async () => {
    const one = reporter({ since: 0, failures: 7, toldOn: "zero" });
    one.failed({ since: 0, failures: 8 }, result());
    await clock.advance(0);
    expect(tries).toEqual(["0s SitePingFailed 8/8"]);
  });

  test("writes the first at once, then counts up no more often than it is asked to, and exactly", async () => {
    const one = reporter();
    await fail(one, 3, 10);
    one.recovered({ since: 0, failures: 10 }, result(), clock.now().getTime());
    await clock.advance(0);
    expect(tries).toEqual([
      "0s SitePingFailed 3/3",
      "30s SitePingFailed 5/2",
      "60s SitePingFailed 8/3",
      "80s SitePingFailed 10/2",
      "80s SitePingRecovered 1/1",
    ]);
    expect(one.waiting).toBe(0);
  });

  test("with the API server away it waits, keeps times and counts, and sends the very same again", async () => {
    const one = reporter();
    failWith = new UnreachableError("refused", "refused");
    await fail(one, 3, 5);
    one.recovered({ since: 0, failures: 5 }, result(), clock.now().getTime());
    expect(one.waiting).toBe(6);
    expect(one.problem?.message).toBe("refused");
    // Who knows whether the first try was stored: it is asked for again as it was.
    expect(new Set(occurrences).size).toBe(1);
    failWith = undefined;
    tries = [];
    await clock.advance(20_000);
    expect(tries.map((line) => line.replace(/^\S+ /, ""))).toEqual([
      "SitePingFailed 3/3",
      "SitePingFailed 5/2",
      "SitePingRecovered 1/1",
    ]);
    expect(new Set(occurrences).size).toBe(3);
    expect({ waiting: one.waiting, problem: one.problem }).toEqual({ waiting: 0, problem: undefined });
  });

  test("on another object of the name it is another event, of the whole outage", async () => {
    const one = reporter();
    await fail(one, 3, 3);
    uid = "two";
    await fail(one, 4, 4);
    expect(tries).toEqual(["0s SitePingFailed 3/3", "10s SitePingFailed 4/4"]);
  });

  test("an outage that an earlier run has told of is counted on from there", async () => {
    const one = reporter({ since: 0, failures: 7, toldOn: "one" });
    await fail(one, 8, 8);
    one.recovered({ since: 0, failures: 8 }, result(), 0);
    await clock.advance(0);
    expect(tries).toEqual(["0s SitePingFailed 8/1", "10s SitePingRecovered 1/1"]);
  });

  test("one that is over before any check failed anew is only ended", async () => {
    const one = reporter({ since: 0, failures: 7, toldOn: "one" });
    one.recovered({ since: 0, failures: 7 }, result(), 0);
    await clock.advance(0);
    expect(tries).toEqual(["0s SitePingRecovered 1/1"]);
  });

  test("at the end what waits is written at once", async () => {
    const one = reporter();
    await fail(one, 3, 4);
    const ended = one.end(new AbortController().signal);
    await clock.advance(0);
    await ended;
    expect(tries).toEqual(["0s SitePingFailed 3/3", "20s SitePingFailed 4/1"]);
    expect(lost).toEqual([]);
  });

  test("what cannot be written by then is told of as lost", async () => {
    const one = reporter();
    failWith = new UnreachableError("refused", "refused");
    await fail(one, 3, 3);
    one.recovered({ since: 0, failures: 3 }, result(), 0);
    await clock.advance(0);
    const time = new AbortController();
    const ended = one.end(time.signal);
    await clock.advance(0);
    time.abort(new Error("the time is up"));
    await ended;
    expect(lost).toEqual(["SitePingFailed 3", "SitePingRecovered 1"]);
  });

  test("outages that nobody could write are not kept without end", async () => {
    const one = reporter();
    failWith = new UnreachableError("refused", "refused");
    for (let since = 1; since <= 102; since++) {
      one.failed({ since, failures: 3 }, result());
      one.recovered({ since, failures: 3 }, result(), since);
    }
    expect(lost).toEqual(["SitePingFailed 3", "SitePingRecovered 1", "SitePingFailed 3", "SitePingRecovered 1"]);
    expect(one.waiting).toBe(400);
  });
});
