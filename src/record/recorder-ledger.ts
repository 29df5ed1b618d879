import type { KubeEvent } from "../events/event.ts";
import type { KevError } from "../util/errors.ts";
import type { StoredEvent } from "./emission.ts";

/** Why an occurrence was not stored. */
export type DropReason =
  /** As many wait as may. */
  | "queue-full"
  /** Its source has said too much about its object: see {@link CorrelationOptions}. */
  | "throttled"
  /** There is no such object, type or namespace. */
  | "not-found"
  /** The server has refused it, or the look-up of its object. */
  | "refused"
  /** It could not be stored within the time for tries. */
  | "gave-up"
  /** The recorder was closed before it was stored. */
  | "closed";

const dropReasons: readonly DropReason[] = ["queue-full", "throttled", "not-found", "refused", "gave-up", "closed"];

/** What became of what was recorded. */
export type RecordOutcome =
  | {
      /** `counted`: an event that was there stands for one more; `unchanged`: it was there, and `once` was asked. */
      readonly outcome: "created" | "counted" | "unchanged";
      /** As the server stored it; its count is of all that was written with it. */
      readonly event: KubeEvent;
    }
  | {
      readonly outcome: "dropped";
      readonly why: DropReason;
      /** What went wrong. Its hint tells where it may have been stored all the same, since an answer was lost. */
      readonly error?: KevError;
    };

/** Occurrences, since the recorder was made. All but `waiting` only go up: `recorded` is the sum of all others but `retries`. */
export interface RecorderCounts {
  readonly recorded: number;
  /** Events that were created. */
  readonly created: number;
  /** Occurrences that an event stands for beside its first one: the counts of all created events are `created` and `counted`. */
  readonly counted: number;
  /** Occurrences of which `once` was asked, and which were there. */
  readonly unchanged: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly waiting: number;
  /** Tries after which another one followed. */
  readonly retries: number;
}

/** What a record says, for people. */
export interface RecordSummary {
  /** `Deployment/ui-server`; as it was given where that was a text. */
  readonly object: string;
  readonly namespace: string | undefined;
  /** The event's. */
  readonly reason: string;
  readonly message: string;
}

export interface WaitingRecord extends RecordSummary {
  readonly occurrences: number;
}

export interface LostRecord extends WaitingRecord {
  readonly why: DropReason;
  readonly error?: KevError;
}

/** What a flush or a close has to tell. */
export interface RecorderReport {
  /**
   * What was dropped since the report before. What is alike is one row, what was throttled with its newest message; there are
   * at most as many rows as events may wait. The counts know all.
   */
  readonly lost: readonly LostRecord[];
  /** What was still waiting when a flush was aborted; it goes on being tried. */
  readonly waiting: readonly WaitingRecord[];
}

function alikeKey({ object, namespace, reason, message, why, error }: LostRecord): string {
  // There may be any number of messages of what is throttled.
  const text = why === "throttled" ? undefined : [message, error?.message, error?.hint];
  return JSON.stringify([object, namespace, reason, why, text]);
}

/** Something recorded that is not settled yet. */
export interface WaitingEntry {
  record: WaitingRecord;
  /** Repeats change nothing. */
  readonly isOnce: boolean;
  readonly outcome: Promise<RecordOutcome>;
  readonly settle: (outcome: RecordOutcome) => void;
}

/** The accounts of a recorder: every occurrence is in exactly one of them. */
export interface RecorderLedger {
  readonly counts: RecorderCounts;
  readonly isFull: boolean;
  /** Everything that waits at the moment. */
  readonly waiting: readonly WaitingEntry[];
  recorded(): void;
  retried(): void;
  wait(record: WaitingRecord, isOnce: boolean): WaitingEntry;
  /** It goes on as another entry, or as a part of one, for which its place is free: what `goOn` comes to is its outcome, too. */
  handOver(entry: WaitingEntry, goOn: () => Promise<RecordOutcome>): void;
  stored(entry: WaitingEntry, stored: StoredEvent): void;
  dropped(entry: WaitingEntry, why: DropReason, error?: KevError): void;
  /** Dropped before it had to wait. */
  dropAtOnce(record: WaitingRecord, why: DropReason): Promise<RecordOutcome>;
  /** What was lost since it was asked last. */
  takeLost(): LostRecord[];
}

/**
 * @param limit entries that may wait, and losses that are remembered until they are asked for
 * @param onDropped called after the current work is done, so that what it throws disturbs nothing of it
 */
export function createRecorderLedger(limit: number, onDropped?: (lost: LostRecord) => void): RecorderLedger {
  const waiting = new Set<WaitingEntry>();
  const dropped = Object.fromEntries(dropReasons.map((why) => [why, 0])) as Record<DropReason, number>;
  let [recorded, created, counted, unchanged, retries] = [0, 0, 0, 0, 0];
  let lost = new Map<string, LostRecord>();

  function drop(record: WaitingRecord, why: DropReason, error?: KevError): RecordOutcome {
    dropped[why] += record.occurrences;
    const one: LostRecord = { ...record, why, ...(error && { error }) };
    const key = alikeKey(one);
    const before = lost.get(key);
    if (before) lost.set(key, { ...one, occurrences: record.occurrences + before.occurrences });
    else if (lost.size < limit) lost.set(key, one);
    if (onDropped) queueMicrotask(() => onDropped(one));
    return { outcome: "dropped", why, ...(error && { error }) };
  }

  return {
    get counts() {
      const lostAll = Object.values(dropped).reduce((sum, number) => sum + number, 0);
      const open = recorded - created - counted - unchanged - lostAll;
      return { recorded, created, counted, unchanged, dropped: { ...dropped }, waiting: open, retries };
    },
    get isFull() {
      return waiting.size >= limit;
    },
    get waiting() {
      return [...waiting];
    },
    recorded: () => {
      recorded++;
    },
    retried: () => {
      retries++;
    },
    wait: (record, isOnce) => {
      let settle: WaitingEntry["settle"] = () => undefined;
      const outcome = new Promise<RecordOutcome>((resolve) => {
        settle = resolve;
      });
      const entry = { record, isOnce, outcome, settle };
      waiting.add(entry);
      return entry;
    },
    handOver: (entry, goOn) => {
      waiting.delete(entry);
      goOn().then(entry.settle);
    },
    stored: (entry, stored) => {
      waiting.delete(entry);
      const made = stored.outcome === "created" ? 1 : 0;
      created += made;
      if (entry.isOnce) unchanged += entry.record.occurrences - made;
      else counted += entry.record.occurrences - made;
      entry.settle(stored);
    },
    dropped: (entry, why, error) => {
      waiting.delete(entry);
      entry.settle(drop(entry.record, why, error));
    },
    dropAtOnce: async (record, why) => drop(record, why),
    takeLost: () => {
      const all = [...lost.values()];
      lost = new Map();
      return all;
    },
  };
}
