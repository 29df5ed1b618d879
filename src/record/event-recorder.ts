import { buildEvent } from "../events/build-event.ts";
import type { CorrelationOptions } from "../events/correlate.ts";
import type { ObjectReference } from "../events/event.ts";
import type { Connection } from "../kube/connection.ts";
import { systemClock } from "../util/clock.ts";
import { usageError } from "../util/errors.ts";
import { createLanes } from "../util/lanes.ts";
import { orAborted } from "../util/or-aborted.ts";
import { type Emission, type EventWriter, nameFor } from "./emission.ts";
import type { EmitContent, EmitSettings } from "./emit-options.ts";
import { checkInput, prepareEmission, prepareWriter } from "./prepare-emission.ts";
import { checkRecorded, objectText, ownReference, type RecordedObject, typeNow } from "./recorded-object.ts";
import {
  createRecorderLedger,
  type LostRecord,
  type RecorderCounts,
  type RecorderReport,
  type RecordOutcome,
  type RecordSummary,
} from "./recorder-ledger.ts";
import { createRecorderLookUps } from "./recorder-look-ups.ts";
import { createRecorderWriter } from "./recorder-writer.ts";
import type { ContentDefaults } from "./resolve-content.ts";

/** How a recorder writes; all optional. */
export interface EventRecorderOptions
  extends Pick<
    EmitSettings,
    "namespace" | "fieldManager" | "presets" | "clock" | "hostName" | "random" | "cacheDir" | "onRetry"
  > {
  /** Whom events are from where neither they nor their presets say; default `kev`. */
  readonly component?: string | undefined;
  /** Which one of them; default the machine's host name, which in a Pod is the Pod's. */
  readonly instance?: string | undefined;
  /** Of every event. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Of every event. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** When events become one, and when there are too many of them; client-go's numbers by default. */
  readonly correlation?: CorrelationOptions | undefined;
  /** Events and look-ups that may wait at a time; default 1000, as client-go's. What is recorded beyond is dropped, and counted. */
  readonly queueLimit?: number | undefined;
  /** Requests under way at a time; default 8. */
  readonly concurrency?: number | undefined;
  /** Milliseconds in which a failure that may pass is tried again, for each event; default 600 000. */
  readonly retryTimeout?: number | undefined;
  /** Told of everything that is not stored. */
  readonly onDropped?: ((lost: LostRecord) => void) | undefined;
}

/** What an event says: all that `emit` takes but decisions, which are not for a program to repeat, count or combine. */
export interface RecordContent extends Omit<EmitContent, "digest" | "expiresAt" | "defaults"> {
  /** Of an object that names none; default the recorder's. */
  readonly namespace?: string | undefined;
}

/** Who waits for a recorder says how long. */
export interface FlushOptions {
  /** Ends the waiting, as `AbortSignal.timeout(10_000)` does after 10 s; without it, it lasts as long as there are tries. */
  readonly signal?: AbortSignal | undefined;
}

/** Writes events for a program that lives on; {@link createEventRecorder} makes one. */
export interface EventRecorder {
  /**
   * Takes an event, and returns at once. Trouble with the server neither throws nor rejects: what the promise comes to says
   * what became of the event, and may be left alone. Events about one object are written in the order in which they were
   * recorded, as long as it is always given with its uid, or always without.
   *
   * @example recorder.record(deployment, { what: "ScaledUp", message: "From 2 to 3" });
   * @throws KevError of kind `usage` for what can never be written: limits (reason, action and instance 128 bytes, message
   *   1024 bytes), labels, a bad type, a decision, an object that names nothing
   */
  record(object: RecordedObject, content: RecordContent): Promise<RecordOutcome>;
  /** Resolves when all that was recorded before is stored or dropped, or the signal aborts. It never rejects. */
  flush(options?: FlushOptions): Promise<RecorderReport>;
  /**
   * Takes no more, and does as {@link flush}; what is not stored when the signal aborts is given up. Nothing is under way
   * afterwards. The connection stays open.
   *
   * @example const { lost } = await recorder.close({ signal: AbortSignal.timeout(10_000) });
   */
  close(options?: FlushOptions): Promise<RecorderReport>;
  /** What became of everything, to be read whenever somebody asks, as Prometheus does. */
  readonly counts: RecorderCounts;
}

const usualQueueLimit = 1_000;
const usualConcurrency = 8;
const usualRetryTimeout = 600_000;
/** Milliseconds after which types and second objects are asked for anew: they come and go. */
const longestKnown = 600_000;
/** The same, after something was not there. */
const shortestKnown = 10_000;

/**
 * A recorder of events for programs that live on: a controller, a server, a daemon. Repeats are counted on one event,
 * similar ones are combined, and one object gets only so many, by client-go's rules and numbers ({@link CorrelationOptions}).
 * While the server is away, answers 401, 429 or 5xx, or somebody in front of it answers, events wait and are sent again, and their repeats are counted meanwhile;
 * what cannot be stored is told, with the reason. An event that the server has let expire is created anew.
 *
 * RBAC: create and patch on events; also get on events for those with a `key`, and get on objects that are given without uid.
 *
 * @throws KevError of kind `usage` for options that make no sense
 */
export function createEventRecorder(connection: Connection, options: EventRecorderOptions = {}): EventRecorder {
  const { clock = systemClock, queueLimit = usualQueueLimit, concurrency = usualConcurrency } = options;
  checkAmount("queueLimit", queueLimit);
  checkAmount("concurrency", concurrency);
  const ending = new AbortController();
  const ledger = createRecorderLedger(queueLimit, options.onDropped);
  const { namespace, fieldManager, presets, hostName, random, cacheDir, onRetry } = options;
  const settings: EmitSettings = {
    ...{ fieldManager, presets, hostName, random, cacheDir, clock, signal: ending.signal },
    retryTimeout: options.retryTimeout ?? usualRetryTimeout,
    onRetry: (error, delay) => {
      ledger.retried();
      if (onRetry) queueMicrotask(() => onRetry(error, delay));
    },
  };
  const { component, instance, labels, annotations } = options;
  const defaults: ContentDefaults = { component, instance, labels, annotations };
  // What no event could say is better known now than at the first one.
  checkInput({ what: "Checked", ...settings, defaults });
  const known = createKnown(
    () => prepareWriter(connection, settings, false),
    () => clock.now().getTime(),
  );
  const lanes = createLanes(concurrency);
  const parts = { ledger, lanes, policy: known.writer().policy, ended: ending.signal };
  const writer = createRecorderWriter({ ...parts, connection, fieldManager, correlation: options.correlation });
  const lookUpFirst = createRecorderLookUps({ ...parts, onNotFound: known.forgetSoon });
  let isClosed = false;

  async function settled(signal: AbortSignal | undefined): Promise<void> {
    const all = Promise.all(ledger.waiting.map(({ outcome }) => outcome));
    // An abort is no failure here: the report tells what it left.
    await (signal ? orAborted(all, signal).catch(() => undefined) : all);
  }

  return {
    record: (object, content) => {
      checkRecorded(object);
      const input = { ...content, ...settings, namespace: content.namespace ?? namespace, defaults };
      const emission = prepareEmission(connection, input, known.writer());
      refuseDecision(emission);
      const type = typeof object === "string" ? undefined : typeNow(object);
      const reference = typeof object === "string" || !type ? undefined : ownReference(emission, type, object);
      const { reason, message } = emission.resolved.content;
      const record: RecordSummary = {
        object: objectText(object),
        namespace: reference ? reference.namespace : emission.namespace,
        ...{ reason, message },
      };
      const at = content.at ?? clock.now();
      const write = (involvedObject: ObjectReference, related?: ObjectReference): Promise<RecordOutcome> => {
        // Without a key it gets its name when it is created.
        const name = content.key === undefined ? "" : nameFor(emission, involvedObject);
        const event = buildEvent(emission.resolved.content, { name, involvedObject, related, at });
        return writer.write(event, record, { isKeyed: content.key !== undefined, isOnce: content.once === true });
      };
      ledger.recorded();
      if (isClosed) return ledger.dropAtOnce({ ...record, occurrences: 1 }, "closed");
      if (reference && content.related === undefined) return write(reference);
      return lookUpFirst({ emission, object, record, found: write });
    },
    flush: async ({ signal } = {}) => {
      await settled(signal);
      const waiting = signal?.aborted ? ledger.waiting.map(({ record }) => record) : [];
      return { lost: ledger.takeLost(), waiting };
    },
    close: async ({ signal } = {}) => {
      isClosed = true;
      await settled(signal);
      // No error of kev's own: what is thrown for it is told with what it ended.
      if (ledger.waiting.length > 0) ending.abort(new Error("the recorder was closed before this was stored"));
      await settled(undefined);
      return { lost: ledger.takeLost(), waiting: [] };
    },
    get counts() {
      return ledger.counts;
    },
  };
}

/** What the server has said of its types and of second objects, for as long as it may be taken for true. */
function createKnown(make: () => EventWriter, now: () => number) {
  let [made, until] = [make(), now() + longestKnown];
  return {
    writer: (): EventWriter => {
      if (now() >= until) [made, until] = [make(), now() + longestKnown];
      return made;
    },
    forgetSoon: (): void => {
      until = Math.min(until, now() + shortestKnown);
    },
  };
}

function refuseDecision({ resolved }: Emission): void {
  const { decision } = resolved;
  if (decision) {
    throw usageError(`a recorder writes no decisions (${decision.reason}): each is an event of its own`, {
      hint: "emit writes it",
    });
  }
}

function checkAmount(name: string, value: number): void {
  if (!(value >= 1)) throw usageError(`${name} is ${value}; it must be at least 1`);
}
