import { expect, test } from "@jest/globals";
import { defaultSettings } from "../../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../../src/probe/config/parse-target-url.ts";
import { createProbeMetrics } from "../../../src/probe/metrics/probe-metrics.ts";
import type { ProbeStatus } from "../../../src/probe/probe-observer.ts";
import type { CheckResult } from "../../../src/probe/target.ts";
import { KevError } from "../../../src/util/errors.ts";
import { golden } from "../../support/golden.ts";

const target = (name: string) => ({ name, url: targetUrl("https://ui.example.com"), settings: defaultSettings });
const at = new Date("2026-11-28T10:00:00Z");
const certificate = { expiresAt: new Date("2026-12-28T10:00:00Z"), fingerprint: "AA" };
const good: CheckResult = { outcome: "ok", at, milliseconds: 12, seen: "200 OK", status: 200, certificate };
const bad: CheckResult = { outcome: "timeout", at, milliseconds: 5_000, seen: "waited 5s for a connection" };
const nothing = { type: "none" } as const;

test("the page of a probe", async () => {
  const status: ProbeStatus = {
    targets: [
      { name: "up", isUp: true, downSince: undefined, last: good, waiting: 0 },
      { name: "down", isUp: false, downSince: at, last: bad, waiting: 3 },
      { name: "new", isUp: undefined, downSince: undefined, last: undefined, waiting: 0 },
    ],
    ...{ isReady: false, problem: undefined },
  };
  const metrics = createProbeMetrics(() => status);
  for (const name of ["up", "down", "gone"]) metrics.added(target(name), false);
  metrics.checked(target("up"), good, nothing);
  metrics.checked(target("up"), bad, nothing);
  metrics.checked(target("down"), bad, nothing);
  metrics.checked(target("gone"), good, nothing);
  metrics.removed(target("gone"), false);
  metrics.written(target("down"), "SitePingFailed");
  metrics.notWritten(target("down"), "SitePingFailed", new KevError("failed", "no"), 1_000);
  metrics.lost(target("down"), "SitePingRecovered", 2);
  const { text } = await metrics.page();
  const own = text.split("\n\n").filter((part) => !/^# HELP (process|nodejs)_/.test(part));
  expect(own.join("\n\n")).toBe(golden("probe-metrics.txt", own.join("\n\n")));
});
