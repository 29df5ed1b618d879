import { collectDefaultMetrics, Registry } from "prom-client";
import { counter, gauge } from "../../metrics/metric-definition.ts";
import { version } from "../../version.ts";
import { probeReasons } from "../probe-events.ts";
import type { ProbeObserver, ProbeStatus } from "../probe-observer.ts";
import { probeMetricTable as table } from "./probe-metric-table.ts";

/** The metrics of a probe: tell it what happens, and Prometheus reads its page. */
export interface ProbeMetrics extends ProbeObserver {
  page(): Promise<{ contentType: string; text: string }>;
}

/** @param status asked at each page */
export function createProbeMetrics(status: () => ProbeStatus): ProbeMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const up = gauge(table.up, registry);
  const outageStart = gauge(table.outageStart, registry);
  const checks = counter(table.checks, registry);
  const duration = gauge(table.duration, registry);
  const httpStatus = gauge(table.status, registry);
  const certificate = gauge(table.certificate, registry);
  const waiting = gauge(table.waiting, registry);
  const written = counter(table.written, registry);
  const writeFailures = counter(table.writeFailures, registry);
  const lost = counter(table.lost, registry);
  const targets = gauge(table.targets, registry);
  gauge(table.buildInfo, registry).set({ version }, 1);
  // A counter that appears with its first failure has no increase: the first one would raise no alert.
  for (const metric of [written, writeFailures, lost]) {
    for (const reason of Object.values(probeReasons)) metric.inc({ reason }, 0);
  }
  /** Label sets of each target, for when it is probed no more. */
  const outcomes = new Map<string, Set<string>>();

  return {
    added: ({ name }) => {
      outcomes.set(name, new Set());
    },
    removed: ({ name }) => {
      for (const outcome of outcomes.get(name) ?? []) checks.remove({ target: name, outcome });
      outcomes.delete(name);
    },
    checked: ({ name }, { outcome }) => {
      outcomes.get(name)?.add(outcome);
      checks.inc({ target: name, outcome });
    },
    expiring: () => undefined,
    written: (_target, reason) => written.inc({ reason }),
    notWritten: (_target, reason) => writeFailures.inc({ reason }),
    lost: (_target, reason, occurrences) => lost.inc({ reason }, occurrences),
    gone: () => undefined,
    back: () => undefined,
    skipped: () => undefined,
    disconnected: () => undefined,
    page: async () => {
      const now = status();
      for (const metric of [up, outageStart, duration, httpStatus, certificate]) metric.reset();
      for (const { name: target, isUp, downSince, last } of now.targets) {
        if (isUp !== undefined) up.set({ target }, isUp ? 1 : 0);
        outageStart.set({ target }, downSince ? downSince.getTime() / 1_000 : 0);
        if (!last) continue;
        duration.set({ target }, last.milliseconds / 1_000);
        httpStatus.set({ target }, last.status ?? 0);
        if (last.certificate) certificate.set({ target }, last.certificate.expiresAt.getTime() / 1_000);
      }
      targets.set(now.targets.length);
      waiting.set(now.targets.reduce((sum, one) => sum + one.waiting, 0));
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
