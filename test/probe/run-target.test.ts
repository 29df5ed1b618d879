import { beforeEach, describe, expect, test } from "@jest/globals";
import { defaultSettings } from "../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../src/probe/config/parse-target-url.ts";
import type { ProbeObserver } from "../../src/probe/probe-observer.ts";
import { type RunningTarget, runTarget } from "../../src/probe/run-target.ts";
import type { Subject } from "../../src/probe/subject.ts";
import type { CheckResult, CheckSettings, SeenCertificate } from "../../src/probe/target.ts";
import { createLimiter } from "../../src/util/limiter.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";

const start = "2026-11-28T10:00:00Z";
const day = 24 * 3_600_000;

let clock: ManualClock;
/** Seconds at which checks began. */
let begun: number[];
/** Seconds that each of them takes. */
let takes: number;
let certificate: SeenCertificate | undefined;
let written: string[];
let told: string[];

beforeEach(() => {
  clock = manualClock(start);
  [begun, written, told, takes] = [[], [], [], 0];
  certificate = undefined;
});

function run(settings: Partial<CheckSettings> = {}, random = 0): RunningTarget {
  const noop = (): void => undefined;
  const observer: ProbeObserver = {
    ...{ added: noop, removed: noop, checked: noop, written: noop, notWritten: noop, lost: noop },
    ...{ gone: noop, back: noop, skipped: noop, disconnected: noop },
    expiring: (_target, { fingerprint }) => told.push(fingerprint),
  };
  return runTarget({
    target: { name: "ui", url: targetUrl("https://ui"), settings: { ...defaultSettings, ...settings } },
    ...{ subject: { uid: "one" } as Subject, observer, clock, open: undefined, writeEvery: 30_000 },
    ...{ limit: createLimiter(1), limitChecks: createLimiter(1), random: () => random, delay: 500 },
    check: async (signal): Promise<CheckResult> => {
      const at = clock.now();
      begun.push(clock.elapsed() / 1_000);
      await clock.sleep(takes * 1_000, signal);
      return { outcome: "ok", at, milliseconds: 1, seen: "200 OK", certificate };
    },
    write: async (_subject, event) => {
      written.push(`${clock.elapsed() / 60_000}m ${event.reason}`);
      return { event: { metadata: {}, involvedObject: {} }, uid: "one" };
    },
  });
}

const stop = (target: RunningTarget): Promise<void> => target.stop(new AbortController().signal);

describe("runTarget", () => {
  test("checks at its interval, from start to start, whatever a check takes", async () => {
    takes = 4;
    const target = run({ jitter: 0 });
    await clock.advance(31_000);
    await stop(target);
    expect(begun).toEqual([0.5, 10.5, 20.5, 30.5]);
  });

  test("never two at a time: one that takes longer is followed at once", async () => {
    takes = 12;
    const target = run({ jitter: 0 });
    await clock.advance(30_000);
    await stop(target);
    expect(begun).toEqual([0.5, 12.5, 24.5]);
  });

  test("goes on at its interval when the time is set back", async () => {
    const { now } = clock;
    const target = run({ jitter: 0 });
    await clock.advance(5_000);
    Object.assign(clock, { now: () => new Date(now().getTime() - 3_600_000) });
    await clock.advance(20_000);
    await stop(target);
    expect(begun).toEqual([0.5, 10.5, 20.5]);
  });

  test("a share of the jitter, by chance, is on top", async () => {
    const target = run({}, 0.5);
    await clock.advance(22_000);
    await stop(target);
    expect(begun).toEqual([0.5, 11, 21.5]);
  });

  test("a certificate that runs out is told of once, and its event kept alive", async () => {
    const expiresAt = new Date(Date.parse(start) + 10 * day);
    certificate = { expiresAt, fingerprint: "AA" };
    const target = run({ interval: 600_000, jitter: 0 });
    await clock.advance(3_000_000);
    expect(told).toEqual(["AA"]);
    expect(written.map((line) => line.replace(/\.\d+m/, "m"))).toEqual([
      "0m SiteCertificateExpiring",
      "30m SiteCertificateExpiring",
    ]);
    certificate = { expiresAt: new Date(expiresAt.getTime() + 90 * day), fingerprint: "BB" };
    await clock.advance(6_000_000);
    await stop(target);
    expect(told).toEqual(["AA"]);
    expect(written).toHaveLength(2);
  });

  test("0 tells of none", async () => {
    certificate = { expiresAt: new Date(Date.parse(start) + 1_000), fingerprint: "AA" };
    const target = run({ certificateExpiry: 0 });
    await clock.advance(20_000);
    await stop(target);
    expect(written).toEqual([]);
  });
});
