import { type CorrelationOptions, createCorrelator, withDefaults } from "../events/correlate.ts";
import type { KubeEvent, ObjectReference } from "../events/event.ts";
import { foldEvents } from "../events/fold-events.ts";
import type { Connection } from "../kube/connection.ts";
import { asKevError } from "../util/as-kev-error.ts";
import type { RetryPolicy } from "../util/backoff.ts";
import type { Lanes, Slot } from "../util/lanes.ts";
import { createRecentMap } from "../util/recent-map.ts";
import type { RecorderLedger, RecordOutcome, RecordSummary, WaitingEntry } from "./recorder-ledger.ts";
import { dropReasonOf, policyInSlot, retriableWrite } from "./recorder-retries.ts";
import { type EventSeries, writeSeries } from "./write-series.ts";

/** Writes events whose objects are known: each as one of its own, or as a part of one that is there or waits. */
export interface RecorderWriter {
  write(event: KubeEvent, record: RecordSummary, repeats: Repeats): Promise<RecordOutcome>;
}

/** What repeats of an event are. */
export interface Repeats {
  /** Its name says which event it is, and it is combined with no other. */
  readonly isKeyed: boolean;
  /** With a key: one that is there is enough. */
  readonly isOnce: boolean;
}

export interface RecorderWriterOptions {
  readonly connection: Connection;
  readonly ledger: RecorderLedger;
  readonly lanes: Lanes;
  readonly policy: RetryPolicy;
  readonly correlation: CorrelationOptions | undefined;
  readonly fieldManager: string | undefined;
  /** Aborts when nothing more is to be sent. */
  readonly ended: AbortSignal;
}

interface Batch extends WaitingEntry {
  /** With the count and the times of all that is in it. */
  event: KubeEvent;
}

interface Recording extends EventSeries {
  /** What waits to be written, and takes in repeats until then. */
  open: Batch | undefined;
}

/** Throws a usage error for numbers of correlation that make no sense. */
export function createRecorderWriter(options: RecorderWriterOptions): RecorderWriter {
  const { connection, ledger, lanes, policy, fieldManager, ended } = options;
  const correlator = createCorrelator(options.correlation);
  const recordings = createRecentMap<string, Recording>(withDefaults(options.correlation ?? {}).remembered);

  async function send(recording: Recording, batch: Batch, slot: Slot): Promise<void> {
    recording.open = undefined;
    try {
      const storing = {
        retry: policyInSlot(policy, slot),
        fieldManager,
        retriable: retriableWrite,
        once: batch.isOnce,
      };
      ledger.stored(batch, await writeSeries(connection, recording, batch.event, storing));
    } catch (thrown) {
      const error = asKevError(thrown);
      ledger.dropped(batch, dropReasonOf(error, ended, retriableWrite), error);
    }
  }

  return {
    write: (event, record, { isKeyed, isOnce }) => {
      const now = policy.clock.now().getTime();
      const combined = isKeyed ? { key: keyOf(event, isOnce), event } : correlator.combine(event, now);
      const known = recordings.get(combined.key);
      const one = { ...record, occurrences: 1 };
      // What finds no place uses up nothing of what its source may say.
      if (!known?.open && ledger.isFull) return ledger.dropAtOnce(one, "queue-full");
      if (!correlator.admit(event, now)) return ledger.dropAtOnce(one, "throttled");
      const recording = known ?? { isKeyed, open: undefined };
      recordings.set(combined.key, recording);
      const { open } = recording;
      if (open) {
        if (!isOnce) open.event = foldEvents(open.event, combined.event);
        open.record = { ...open.record, message: record.message, occurrences: open.record.occurrences + 1 };
        return open.outcome;
      }
      const batch: Batch = Object.assign(ledger.wait(one, isOnce), { event: combined.event });
      recording.open = batch;
      lanes.run(laneOf(event.involvedObject), (slot) => send(recording, batch, slot));
      return batch.outcome;
    },
  };
}

function keyOf({ metadata }: KubeEvent, isOnce: boolean): string {
  return JSON.stringify(["key", metadata.namespace, metadata.name, isOnce]);
}

/** The events of one object are written one after the other. */
function laneOf({ apiVersion, kind, namespace, name, uid }: ObjectReference): string {
  return JSON.stringify([apiVersion, kind, namespace, name, uid]);
}
