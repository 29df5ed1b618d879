import { expect, test } from "@jest/globals";
import { createTrackMetrics } from "../../src/track/track-metrics.ts";
import { KevError } from "../../src/util/errors.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { storedEvent } from "../support/sample-delivery.ts";

const refused = new KevError("refused", "no");

test("what happens is on the page", async () => {
  const metrics = createTrackMetrics({
    clock: fakeClock("2026-11-23T09:30:00Z"),
    status: async () => ({
      types: [
        { type: "pods", isListed: true, isWatching: true },
        { type: "secrets", isListed: false, isWatching: true },
      ],
      ...{ pending: 2, waiting: 3 },
      oldestAt: new Date("2026-11-23T09:29:00Z"),
    }),
  });
  metrics.found("pods", "changed");
  metrics.written(storedEvent({ reason: "ObjectChanged" }), 2.2);
  metrics.dropped(storedEvent(), refused);
  metrics.notWritten(new KevError("unreachable", "away"), 250);
  metrics.listed("pods", "start");
  metrics.disconnected("secrets", "watch", refused, 250);
  metrics.notStored(refused, 250);
  metrics.lost(4);
  const { text } = await metrics.page();
  const own = text.split("\n").filter((line) => line.startsWith("kev_") && !/_bucket|version/.test(line));
  expect(own).toEqual([
    'kev_track_changes_total{type="pods",verb="changed"} 1',
    'kev_track_changes_total{type="pods",verb="created"} 0',
    'kev_track_changes_total{type="pods",verb="deleted"} 0',
    'kev_track_changes_total{type="secrets",verb="created"} 0',
    'kev_track_changes_total{type="secrets",verb="changed"} 0',
    'kev_track_changes_total{type="secrets",verb="deleted"} 0',
    'kev_track_events_written_total{reason="ObjectChanged"} 1',
    'kev_track_events_dropped_total{reason="refused"} 1',
    'kev_track_events_dropped_total{reason="failed"} 0',
    'kev_track_events_dropped_total{reason="not-found"} 0',
    'kev_track_events_dropped_total{reason="ended"} 4',
    'kev_track_write_retries_total{reason="unreachable"} 1',
    "kev_track_write_delay_seconds_sum 2.2",
    "kev_track_write_delay_seconds_count 1",
    "kev_track_pending_objects 2",
    "kev_track_outbox_events 3",
    "kev_track_outbox_oldest_seconds 60",
    'kev_track_watching{type="pods"} 1',
    'kev_track_watching{type="secrets"} 0',
    'kev_track_lists_total{type="pods",cause="start"} 1',
    'kev_track_disconnects_total{type="secrets",during="watch",reason="refused"} 1',
    "kev_track_state_failures_total 1",
  ]);
});
