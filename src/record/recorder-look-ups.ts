import type { ObjectReference } from "../events/event.ts";
import { withRetry } from "../kube/with-retry.ts";
import { asKevError } from "../util/as-kev-error.ts";
import type { RetryPolicy } from "../util/backoff.ts";
import type { Lanes, Slot } from "../util/lanes.ts";
import type { Emission } from "./emission.ts";
import { type FoundReference, lookUp, lookUpKey, type RecordedObject } from "./recorded-object.ts";
import type { RecorderLedger, RecordOutcome, RecordSummary, WaitingEntry } from "./recorder-ledger.ts";
import { dropReasonOf, policyInSlot, retriableInTime } from "./recorder-retries.ts";

/** An event whose object, or second object, must be asked for before it can be written. */
export interface UnknownTarget {
  readonly emission: Emission;
  readonly object: RecordedObject;
  readonly record: RecordSummary;
  /** Called with what was found, in the order in which the events came. */
  readonly found: (reference: ObjectReference, related: ObjectReference | undefined) => Promise<RecordOutcome>;
}

export interface RecorderLookUpOptions {
  readonly ledger: RecorderLedger;
  readonly lanes: Lanes;
  readonly policy: RetryPolicy;
  /** Aborts when nothing more is to be sent. */
  readonly ended: AbortSignal;
  /** Told that something was not there, a type perhaps, which may come. */
  readonly onNotFound: () => void;
}

interface Entry extends WaitingEntry {
  readonly target: UnknownTarget;
}

/** Looks objects up: of one object one look at a time, for all events about it that wait. */
export function createRecorderLookUps(
  options: RecorderLookUpOptions,
): (target: UnknownTarget) => Promise<RecordOutcome> {
  const { ledger, lanes, policy, ended, onNotFound } = options;
  const waiting = new Map<string, Entry[]>();

  function drop(entry: Entry, thrown: unknown): void {
    const error = asKevError(thrown);
    if (error.kind === "not-found") onNotFound();
    ledger.dropped(entry, dropReasonOf(error, ended, retriableInTime), error);
  }

  async function hand(entry: Entry, reference: FoundReference): Promise<void> {
    const { emission, found } = entry.target;
    try {
      const about = reference(emission.input.container);
      const related = await emission.related(about.namespace);
      ledger.handOver(entry, () => found(about, related));
    } catch (error) {
      drop(entry, error);
    }
  }

  async function look(key: string, entries: readonly Entry[], slot: Slot): Promise<void> {
    // Who comes from now on wants to know the object as it is then.
    waiting.delete(key);
    const [first] = entries;
    if (!first) return;
    const { target } = first;
    const reader = withRetry(target.emission.connection, policyInSlot(policy, slot), retriableInTime);
    let reference: FoundReference;
    try {
      reference = await lookUp({ ...target.emission, reader }, target.object);
    } catch (error) {
      for (const entry of entries) drop(entry, error);
      return;
    }
    for (const entry of entries) await hand(entry, reference);
  }

  return (target) => {
    const record = { ...target.record, occurrences: 1 };
    if (ledger.isFull) return ledger.dropAtOnce(record, "queue-full");
    const entry: Entry = Object.assign(ledger.wait(record, false), { target });
    const key = lookUpKey(target.emission, target.object);
    const others = waiting.get(key);
    if (others) {
      others.push(entry);
      return entry.outcome;
    }
    const entries = [entry];
    waiting.set(key, entries);
    lanes.run(`look up ${key}`, (slot) => look(key, entries, slot));
    return entry.outcome;
  };
}
