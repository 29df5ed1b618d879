import { beforeEach, describe, expect, test } from "@jest/globals";
import { UnreachableError } from "../../../src/kube/unreachable-error.ts";
import { parseCompat } from "../../../src/route/metrics/compat-metrics.ts";
import {
  createRouteMetrics,
  type RouteMetrics,
  type RouteMetricsOptions,
} from "../../../src/route/metrics/route-metrics.ts";
import type { RouteStatus } from "../../../src/route/route-observer.ts";
import { SendError } from "../../../src/sinks/send-error.ts";
import { KevError } from "../../../src/util/errors.ts";
import { fakeClock } from "../../support/fake-clock.ts";
import { golden } from "../../support/golden.ts";
import { sampleDelivery } from "../deliveries.ts";

const now = "2026-11-23T09:30:00Z";
const idle: RouteStatus = {
  sinks: [],
  checkpointAt: undefined,
  isWatching: false,
  objects: { cached: 0, hits: 0, misses: 0 },
};
let status: RouteStatus;

beforeEach(() => {
  status = idle;
});

const create = (more: Partial<RouteMetricsOptions> = {}): RouteMetrics =>
  createRouteMetrics({ status: () => status, clock: fakeClock(now), ...more });

/** The page without Node's own metrics. */
async function page(metrics: RouteMetrics): Promise<string> {
  const { text } = await metrics.page();
  return text
    .split("\n\n")
    .filter((part) => !/^# HELP (process|nodejs)_/.test(part))
    .join("\n\n");
}

/** The lines that are no comments, of metrics whose name begins so. */
async function series(metrics: RouteMetrics, prefix: string): Promise<string[]> {
  return (await page(metrics)).split("\n").filter((line) => line.startsWith(prefix));
}

const nothingThere = { kind: "Node", name: "node-1", namespace: "" };

function playAll(metrics: RouteMetrics): void {
  metrics.taken(
    sampleDelivery("a", { type: "Warning", source: { component: "kubelet", host: "node-1" } }, { count: 3 }),
  );
  metrics.taken(
    sampleDelivery("a", { type: "Warning", source: { component: "kubelet", host: "node-1" } }, { count: 5, delta: 2 }),
  );
  metrics.taken(sampleDelivery("b", { source: {}, reportingComponent: "scheduler", type: "Odd", reason: 'a "b"\\\n' }));
  metrics.taken(sampleDelivery("c", { involvedObject: nothingThere, reason: "NodeReady" }));
  metrics.forgotten("c");
  metrics.sent("loki", 7, 0.2);
  const limits = { retriable: true, retryAfter: 1_000 };
  metrics.retried("loki", new SendError("loki answered 429", limits), 1_000);
  metrics.retried("loki", new SendError("loki: no answer", { retriable: true }), 1_000);
  metrics.fellBack("chat", 2, "some text of the receiver's");
  metrics.deadLettered("chat", 1, "some text of the receiver's");
  metrics.dropped("chat", 4, "queue-full");
  metrics.listed("expired");
  metrics.disconnected("watch", new UnreachableError("refused", "The connection was refused"), 1_000);
  metrics.reconnected();
  metrics.gap(new Date("2026-11-23T08:00:00Z"), new Date("2026-11-23T08:20:00.5Z"));
}

test("a page of everything that a router tells", async () => {
  const metrics = create({ compat: ["eventrouter", "event_exporter"], isLeader: () => true });
  playAll(metrics);
  status = {
    sinks: [
      { name: "loki", queued: 0, queuedBytes: 0, oldestAt: undefined, problem: undefined },
      {
        name: "chat",
        queued: 12,
        queuedBytes: 4_096,
        oldestAt: new Date("2026-11-23T09:28:30Z"),
        problem: new KevError("failed", "no answer"),
      },
    ],
    checkpointAt: new Date("2026-11-23T09:29:57.5Z"),
    isWatching: true,
    objects: { cached: 10, hits: 20, misses: 11 },
  };
  await metrics.page();
  // Asked a second time it says the same.
  const text = await page(metrics);
  expect(text).toBe(golden("route-metrics.txt", text));
});

describe("before anything has happened", () => {
  test("the age of the checkpoint counts from the start, and no replica leads or follows", async () => {
    const clock = fakeClock(now);
    const metrics = create({ clock });
    await clock.sleep(90_000);
    expect(await series(metrics, "kev_checkpoint_age_seconds")).toEqual(["kev_checkpoint_age_seconds 90"]);
    expect(await series(metrics, "kev_leader")).toEqual([]);
    expect(await series(metrics, "kev_events_total")).toEqual([]);
  });

  test("counters of sinks are there, so that their first failure is an increase", async () => {
    status = {
      ...idle,
      sinks: [{ name: "loki", queued: 0, queuedBytes: 0, oldestAt: undefined, problem: undefined }],
    };
    expect(await series(create(), "kev_sink_d")).toEqual([
      'kev_sink_dead_letters_total{sink="loki"} 0',
      'kev_sink_dropped_total{sink="loki",reason="queue-full"} 0',
    ]);
  });

  test("a clock that was set back makes no age below zero", async () => {
    status = { ...idle, checkpointAt: new Date("2026-11-23T10:00:00Z") };
    expect(await series(create(), "kev_checkpoint_age_seconds")).toEqual(["kev_checkpoint_age_seconds 0"]);
  });
});

describe("label sets", () => {
  test("past the limit occurrences are counted under _other, and that they were", async () => {
    const metrics = create({ mostSeries: 1 });
    metrics.taken(sampleDelivery("a", { reason: "First" }));
    metrics.taken(sampleDelivery("b", { reason: "Second" }, { count: 3 }));
    metrics.taken(sampleDelivery("c", { reason: "Third", type: "Warning" }));
    metrics.taken(sampleDelivery("d", { reason: "Third", type: "made up" }));
    metrics.taken(sampleDelivery("e", { reason: "First" }));
    const folded = 'namespace="_other",kind="_other",reason="_other"';
    expect(await series(metrics, "kev_events_total")).toEqual([
      'kev_events_total{namespace="prod",kind="Deployment",reason="First",type="Normal",component="ci-approver"} 2',
      `kev_events_total{${folded},type="Normal",component="_other"} 3`,
      `kev_events_total{${folded},type="Warning",component="_other"} 1`,
      `kev_events_total{${folded},type="_other",component="_other"} 1`,
    ]);
    expect(await series(metrics, "kev_metrics_folded_total")).toEqual([
      'kev_metrics_folded_total{metric="kev_events_total"} 5',
    ]);
  });

  test("names of objects are there when asked for", async () => {
    const metrics = create({ objectLabels: true });
    metrics.taken(sampleDelivery("a"));
    expect(await series(metrics, "kev_events_total")).toEqual([
      'kev_events_total{namespace="prod",kind="Deployment",reason="Approval",type="Normal",component="ci-approver",name="ui-server"} 1',
    ]);
  });

  test("values are cut, and never run into each other", async () => {
    const metrics = create();
    metrics.taken(sampleDelivery("a", { reason: "x".repeat(100_000) }));
    metrics.taken(sampleDelivery("b", { reason: "A", type: "BC" }));
    metrics.taken(sampleDelivery("c", { reason: "AB", type: "C" }));
    const lines = await series(metrics, "kev_events_total");
    expect(lines[0]).toContain(`reason="${"x".repeat(255)}…"`);
    expect(lines).toHaveLength(3);
  });
});

describe("--compat event_exporter", () => {
  test("a series goes with its event, and makes room for another", async () => {
    const metrics = create({ compat: ["event_exporter"], mostSeries: 1 });
    metrics.taken(sampleDelivery("a", {}, { count: 2 }));
    metrics.taken(sampleDelivery("b"));
    metrics.forgotten("b");
    metrics.forgotten("never seen");
    const labels = (uid: string) =>
      `{name="event-${uid}",involved_object_namespace="prod",namespace="prod",involved_object_name="ui-server",` +
      'involved_object_kind="Deployment",reason="Approval",type="Normal",source="/ci-approver"}';
    expect(await series(metrics, "kube_event_")).toEqual([
      `kube_event_count${labels("a")} 2`,
      `kube_event_unique_events_total${labels("a")} 1`,
    ]);
    metrics.forgotten("a");
    expect(await series(metrics, "kube_event_")).toEqual([]);
    metrics.taken(sampleDelivery("b", {}, { count: 4, delta: 1 }));
    expect(await series(metrics, "kube_event_")).toEqual([
      `kube_event_count${labels("b")} 4`,
      `kube_event_unique_events_total${labels("b")} 1`,
    ]);
  });

  test("an event that changes its labels is shown once", async () => {
    const metrics = create({ compat: ["event_exporter"] });
    metrics.taken(sampleDelivery("a", { reason: "Old" }));
    metrics.taken(sampleDelivery("a", { reason: "New" }, { count: 2, delta: 1 }));
    const lines = await series(metrics, "kube_event_count");
    expect(lines).toEqual([expect.stringContaining('reason="New"')]);
  });
});

test("--compat takes names with commas between them", () => {
  expect(parseCompat("event_exporter,eventrouter,event_exporter")).toEqual(["event_exporter", "eventrouter"]);
  expect(() => parseCompat("eventrouter,other")).toThrow(
    'invalid argument "eventrouter,other" for "--compat" flag: it is eventrouter, event_exporter or both',
  );
});
