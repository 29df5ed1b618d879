import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { defaultSettings } from "../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../src/probe/config/parse-target-url.ts";
import { downEvent, expiringEvent, openOutages, upEvent } from "../../src/probe/probe-events.ts";
import type { CheckResult } from "../../src/probe/target.ts";

const url = targetUrl("https://user:secret@ui.example.com/healthz?token=secret#secret");
const target = { name: url.shown, url, settings: defaultSettings };
const at = new Date("2026-11-28T10:00:20.500Z");
const bad: CheckResult = {
  outcome: "status",
  at,
  milliseconds: 12,
  seen: "503 Service Unavailable",
  wanted: "200-399",
};
const good: CheckResult = { outcome: "ok", at, milliseconds: 8, seen: "200 OK" };
const outage = { since: Date.parse("2026-11-28T10:00:00.250Z"), failures: 3 };
const annotations = {
  "kev.dev/probe-target": "https://ui.example.com/healthz",
  "kev.dev/outage-start": "2026-11-28T10:00:00.250Z",
};
const key = '["https://ui.example.com/healthz","2026-11-28T10:00:00.250Z"]';

describe("what events say", () => {
  test("down: what was seen, and nothing of the URL that may be secret", () => {
    expect(downEvent(target, outage, bad, 2)).toEqual({
      ...{ reason: "SitePingFailed", type: "Warning", once: false, amount: 2, count: 3, key, annotations },
      message: "https://ui.example.com/healthz: 503 Service Unavailable (12ms), expected 200-399",
      ...{ first: outage.since, last: at.getTime() },
    });
  });

  test("up again: how long it was down", () => {
    expect(upEvent(target, { ...outage, failures: 1 }, good, outage.since + 150_000)).toEqual({
      ...{ reason: "SitePingRecovered", type: "Normal", once: true, amount: 1, count: 1, key, annotations },
      message:
        "https://ui.example.com/healthz: 200 OK (8ms); down for 2m30s since 2026-11-28T10:00:00Z, 1 failed check",
      ...{ first: outage.since + 150_000, last: outage.since + 150_000 },
    });
  });

  test("a time-out says its own time, and a name stands before the URL", () => {
    const slow: CheckResult = { outcome: "timeout", at, milliseconds: 5_003, seen: "waited 5s for an answer" };
    expect(downEvent({ ...target, name: "ui" }, outage, slow, 1).message).toBe(
      "ui (https://ui.example.com/healthz): waited 5s for an answer",
    );
  });

  test("a certificate: when it runs out, one event for each", () => {
    const certificate = { expiresAt: new Date("2026-12-03T10:00:00Z"), fingerprint: "AA:BB" };
    expect(expiringEvent(target, certificate, Date.parse("2026-11-28T10:00:00Z"))).toMatchObject({
      message: "https://ui.example.com/healthz: the certificate expires in 5d, at 2026-12-03T10:00:00Z",
      key: '["https://ui.example.com/healthz","AA:BB"]',
      annotations: { "kev.dev/probe-target": "https://ui.example.com/healthz" },
    });
  });

  test("a message that is too long is cut", () => {
    const long = downEvent(target, outage, { ...bad, seen: "x".repeat(2_000) }, 1).message;
    expect(Buffer.byteLength(long)).toBe(1_024);
  });
});

describe("openOutages", () => {
  const told = (reason: string, name: string, start: string | undefined, count = 1): KubeEvent => ({
    metadata: {
      annotations: { "kev.dev/probe-target": name, ...(start !== undefined && { "kev.dev/outage-start": start }) },
    },
    ...{ involvedObject: {}, reason, count },
  });
  const [one, two] = ["2026-11-28T10:00:00.250Z", "2026-11-28T11:00:00.000Z"];

  test("is the newest of a target that no recovery tells of", () => {
    const events = [
      told("SitePingFailed", "a", two, 9),
      told("SitePingFailed", "a", one, 5),
      told("SitePingRecovered", "a", one),
      told("SitePingFailed", "b", one, 4),
      told("SitePingRecovered", "b", one),
    ];
    expect(openOutages(events)).toEqual(new Map([["a", { since: Date.parse(two), failures: 9 }]]));
  });

  test("is none of events that somebody else has written under these reasons", () => {
    expect(
      openOutages([
        told("SitePingFailed", "a", undefined),
        told("SitePingFailed", "a", "soon"),
        { metadata: {}, involvedObject: {}, reason: "SitePingFailed" },
      ]),
    ).toEqual(new Map());
  });
});
