import { collectDefaultMetrics, Registry } from "prom-client";
import { componentOf } from "../../events/component-of.ts";
import { counter, gauge, histogram } from "../../metrics/metric-definition.ts";
import { createSeriesTable } from "../../metrics/series-table.ts";
import type { Delivery } from "../../sinks/delivery.ts";
import type { Clock } from "../../util/clock.ts";
import { version } from "../../version.ts";
import { failureReason } from "../delivery/failure-reason.ts";
import type { RouteObserver, RouteStatus } from "../route-observer.ts";
import { type Compat, type CompatMetrics, createCompatMetrics } from "./compat-metrics.ts";
import { objectNameLabel, routeMetricTable as table } from "./route-metric-table.ts";

export interface RouteMetricsOptions {
  /** Asked at each page. */
  status(): RouteStatus;
  clock: Clock;
  /** Whether this replica leads; undefined: there is no leader election. */
  isLeader?: (() => boolean) | undefined;
  /** Counts by the names of objects, too; there may be very many. Default false. */
  objectLabels?: boolean | undefined;
  /** Label sets that each metric about events may have; default 10 000. */
  mostSeries?: number | undefined;
  /** Tools whose metrics are there beside kev's own. */
  compat?: readonly Compat[] | undefined;
}

/** The metrics of a router: tell it what happens, and Prometheus reads its page. */
export interface RouteMetrics extends RouteObserver {
  page(): Promise<{ contentType: string; text: string }>;
}

const defaultMostSeries = 10_000;
/** In place of what there is no room for. */
const other = "_other";

export function createRouteMetrics(options: RouteMetricsOptions): RouteMetrics {
  const { status, clock, isLeader, objectLabels = false, mostSeries = defaultMostSeries, compat = [] } = options;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const folded = counter(table.folded, registry);
  const capped = (metric: string) => ({
    registry,
    mostSeries,
    onFolded: (amount: number) => folded.inc({ metric }, amount),
  });
  const events = createSeriesTable(
    objectLabels ? { ...table.events, labels: [...table.events.labels, objectNameLabel] } : table.events,
    {
      ...capped(table.events.name),
      // Alerts on warnings still see them.
      fold: ([, , , type = ""]) => [other, other, other, /^(Normal|Warning)$/.test(type) ? type : other, other, other],
    },
  );
  const compats: readonly CompatMetrics[] = createCompatMetrics(compat, (definition, folds) =>
    createSeriesTable(definition, {
      ...capped(definition.name),
      fold: folds ? (values) => values.map(() => other) : undefined,
    }),
  );
  const forgotten = counter(table.forgotten, registry);
  const sent = counter(table.sent, registry);
  const sendDuration = histogram(table.sendDuration, registry);
  const retries = counter(table.retries, registry);
  const fallbacks = counter(table.fallbacks, registry);
  const deadLetters = counter(table.deadLetters, registry);
  const dropped = counter(table.dropped, registry);
  const lists = counter(table.lists, registry);
  const disconnects = counter(table.disconnects, registry);
  const reconnects = counter(table.reconnects, registry);
  const storeFailures = counter(table.storeFailures, registry);
  const gaps = counter(table.gaps, registry);
  const gapSeconds = counter(table.gapSeconds, registry);
  const lastGap = gauge(table.lastGap, registry);
  const showStatus = statusGauges(registry, { clock, isLeader });
  gauge(table.buildInfo, registry).set({ version }, 1);
  // A counter that appears with its first failure has no increase: the first one would raise no alert.
  for (const cause of ["start", "expired", "error"]) lists.inc({ cause }, 0);

  return {
    taken: (delivery) => {
      events.add(valuesOf(delivery, objectLabels), delivery.delta);
      for (const one of compats) one.taken(delivery);
    },
    present: (event) => {
      for (const one of compats) one.present(event);
    },
    forgotten: (uid) => {
      forgotten.inc();
      for (const one of compats) one.forgotten(uid);
    },
    sent: (sink, deliveries, seconds) => {
      sent.inc({ sink }, deliveries);
      sendDuration.observe({ sink }, seconds);
    },
    retried: (sink, error) => retries.inc({ sink, reason: failureReason(error) }),
    fellBack: (sink, deliveries) => fallbacks.inc({ sink }, deliveries),
    deadLettered: (sink, deliveries) => deadLetters.inc({ sink }, deliveries),
    dropped: (sink, deliveries, reason) => dropped.inc({ sink, reason }, deliveries),
    listed: (cause) => lists.inc({ cause }),
    disconnected: (during, error) => disconnects.inc({ during, reason: failureReason(error) }),
    reconnected: () => reconnects.inc(),
    notStored: () => storeFailures.inc(),
    gap: (from, to) => {
      gaps.inc();
      // A gap is found at the start, often before the first look at the metrics: the counter alone would show no increase.
      lastGap.set(clock.now().getTime() / 1_000);
      gapSeconds.inc(Math.max(0, to.getTime() - from.getTime()) / 1_000);
    },
    page: async () => {
      const now = status();
      for (const { name: sink } of now.sinks) {
        for (const metric of [sent, fallbacks, deadLetters]) metric.inc({ sink }, 0);
        dropped.inc({ sink, reason: "queue-full" }, 0);
      }
      showStatus(now);
      return { contentType: registry.contentType, text: await registry.metrics() };
    },
  };
}

function valuesOf({ event }: Delivery, withName: boolean): string[] {
  const { involvedObject, reason = "", type = "" } = event;
  const values = [involvedObject.namespace ?? "", involvedObject.kind ?? "", reason, type, componentOf(event)];
  if (withName) values.push(involvedObject.name ?? "");
  return values;
}

function statusGauges(
  registry: Registry,
  { clock, isLeader }: Pick<RouteMetricsOptions, "clock" | "isLeader">,
): (status: RouteStatus) => void {
  const started = clock.now();
  const queued = gauge(table.queued, registry);
  const queuedBytes = gauge(table.queuedBytes, registry);
  const oldest = gauge(table.oldest, registry);
  const failing = gauge(table.failing, registry);
  const watching = gauge(table.watching, registry);
  const leader = isLeader && gauge(table.leader, registry);
  const checkpointAge = gauge(table.checkpointAge, registry);
  const objectsCached = gauge(table.objectsCached, registry);
  const objectHits = counter(table.objectHits, registry);
  const objectMisses = counter(table.objectMisses, registry);
  return ({ sinks, isWatching, checkpointAt, objects }) => {
    // Clocks may be set back: an age below zero would look like one that is known to be good.
    const age = (since: Date): number => Math.max(0, clock.now().getTime() - since.getTime()) / 1_000;
    for (const metric of [queued, queuedBytes, oldest, failing, objectHits, objectMisses]) metric.reset();
    for (const { name: sink, queued: waiting, queuedBytes: bytes, oldestAt, problem } of sinks) {
      queued.set({ sink }, waiting);
      queuedBytes.set({ sink }, bytes);
      oldest.set({ sink }, oldestAt ? age(oldestAt) : 0);
      failing.set({ sink }, problem ? 1 : 0);
    }
    watching.set(isWatching ? 1 : 0);
    leader?.set(isLeader?.() ? 1 : 0);
    checkpointAge.set(age(checkpointAt ?? started));
    objectsCached.set(objects.cached);
    objectHits.inc(objects.hits);
    objectMisses.inc(objects.misses);
  };
}
