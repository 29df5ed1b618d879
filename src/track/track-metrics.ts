import { collectDefaultMetrics, Registry } from "prom-client";
import { counter, gauge, histogram } from "../metrics/metric-definition.ts";
import type { Clock } from "../util/clock.ts";
import { version } from "../version.ts";
import { trackMetricTable as table } from "./track-metric-table.ts";
import { changeVerbs, type TrackObserver, type TrackStatus } from "./track-observer.ts";

export interface TrackMetricsOptions {
  /** Asked at each page. */
  status(): Promise<TrackStatus>;
  readonly clock: Pick<Clock, "now">;
}

/** The metrics of a tracker: tell it what happens, and Prometheus reads its page. */
export interface TrackMetrics extends TrackObserver {
  page(): Promise<{ contentType: string; text: string }>;
}

export function createTrackMetrics({ status, clock }: TrackMetricsOptions): TrackMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const changes = counter(table.changes, registry);
  const written = counter(table.written, registry);
  const dropped = counter(table.dropped, registry);
  const retries = counter(table.retries, registry);
  const delay = histogram(table.delay, registry);
  const pending = gauge(table.pending, registry);
  const waiting = gauge(table.waiting, registry);
  const oldest = gauge(table.oldest, registry);
  const watching = gauge(table.watching, registry);
  const lists = counter(table.lists, registry);
  const disconnects = counter(table.disconnects, registry);
  const storeFailures = counter(table.storeFailures, registry);
  gauge(table.buildInfo, registry).set({ version }, 1);
  // A counter that appears with its first failure has no increase: the first one would raise no alert.
  for (const reason of ["refused", "failed", "not-found", "ended"]) dropped.inc({ reason }, 0);
  return {
    found: (type, verb) => changes.inc({ type, verb }),
    written: (event, seconds) => {
      written.inc({ reason: event.reason ?? "" });
      delay.observe(seconds);
    },
    dropped: (_event, error) => dropped.inc({ reason: error.kind }),
    notWritten: (error) => retries.inc({ reason: error.kind }),
    listed: (type, cause) => lists.inc({ type, cause }),
    disconnected: (type, during, error) => disconnects.inc({ type, during, reason: error.kind }),
    reconnected: () => undefined,
    notStored: () => storeFailures.inc(),
    lost: (events) => dropped.inc({ reason: "ended" }, events),
    page: async () => {
      const now = await status();
      for (const { type, isListed, isWatching } of now.types) {
        watching.set({ type }, isListed && isWatching ? 1 : 0);
        for (const verb of changeVerbs) changes.inc({ type, verb }, 0);
      }
      pending.set(now.pending);
      waiting.set(now.waiting);
      oldest.set(now.oldestAt ? Math.max(0, clock.now().getTime() - now.oldestAt.getTime()) / 1_000 : 0);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}
