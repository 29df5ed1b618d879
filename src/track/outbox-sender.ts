import { setMaxListeners } from "node:events";
import type { KubeEvent } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import { BadAnswerError } from "../kube/bad-answer-error.ts";
import type { Connection } from "../kube/connection.ts";
import { forbiddenHint } from "../kube/forbidden-hint.ts";
import { createRetryDelays } from "../kube/list-watch/retry-delays.ts";
import { retriable } from "../kube/retriable.ts";
import { UnreachableError } from "../kube/unreachable-error.ts";
import { createEvent, isAlreadyExists } from "../record/store-event.ts";
import { asKevError } from "../util/as-kev-error.ts";
import type { Clock } from "../util/clock.ts";
import type { KevError } from "../util/errors.ts";
import { orAborted } from "../util/or-aborted.ts";
import { createAlarm } from "./alarm.ts";
import { createPutOff, type SendAgain } from "./put-off.ts";
import type { TrackObserver } from "./track-observer.ts";
import type { OutboxEntry, TrackStore } from "./track-store.ts";

export interface OutboxSenderOptions {
  readonly store: TrackStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<TrackObserver, "written" | "dropped" | "notWritten">;
  /** Told of each event that is stored, as the server has it; what it returns is waited for before the next is sent. */
  readonly onEvent: (event: KubeEvent) => unknown;
}

/** Writes what is in the outbox, for ever. */
export interface OutboxSender {
  /** Says that something new is in the outbox. */
  wake(): void;
  /** @param ending lets what is in the outbox be written, then it resolves; `cut` ends it at once */
  run(ending: AbortSignal, cut: AbortSignal): Promise<void>;
}

/** Events that are on their way at a time. */
const atOnce = 8;
/** Milliseconds. */
const longestPause = 600_000;

/**
 * Each event has its name before it is sent first, and stays in the outbox until the server has answered: what is sent
 * again after a crash and meets its own name is stored. Where a right is missing one event of the namespace is tried
 * again and again, and the other namespaces go on. RBAC: create on events.
 */
export function createOutboxSender(connection: Connection, options: OutboxSenderOptions): OutboxSender {
  const { store, clock, random, observer, onEvent } = options;
  const alarm = createAlarm(clock);

  async function run(ending: AbortSignal, cut: AbortSignal): Promise<void> {
    const putOff = createPutOff();
    const underWay = new Map<number, Promise<void>>();
    let after = 0;
    let failure: { readonly error: unknown } | undefined;
    // Each request under way listens to it.
    setMaxListeners(0, cut);
    const now = (): number => clock.now().getTime();

    function start(entry: OutboxEntry, one: SendAgain): void {
      const sending = send(entry, cut)
        .then((refusal) => {
          if (refusal) {
            const wait = putOff.refused(one, now());
            // Once for its namespace, however many wait there.
            if (wait !== undefined) observer.notWritten(refusal, wait);
          } else if (one.isTest) {
            putOff.release(one.place);
          }
        })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          underWay.delete(one.sequence);
          alarm.ring();
        });
      underWay.set(one.sequence, sending);
    }

    /** Starts what may be sent now; false: there is nothing. */
    async function startNext(free: number): Promise<boolean> {
      const again = putOff.take(free, now());
      for (const one of again) {
        const [entry] = await store.outbox(one.sequence - 1, 1);
        if (entry?.sequence === one.sequence) start(entry, one);
        else if (one.isTest) putOff.release(one.place);
      }
      const fresh = free > again.length ? await store.outbox(after, free - again.length) : [];
      for (const entry of fresh) {
        const { sequence, event } = entry;
        const place = event.metadata.namespace ?? "";
        if (putOff.isHeld(place)) putOff.keep(place, sequence);
        else start(entry, { place, sequence, isTest: false });
      }
      after = fresh.at(-1)?.sequence ?? after;
      return again.length + fresh.length > 0;
    }

    while (!cut.aborted && !failure) {
      alarm.quiet();
      const free = atOnce - underWay.size;
      if (free > 0 && (await startNext(free))) continue;
      // What is put off is left to the next run.
      if (ending.aborted && underWay.size === 0) break;
      const nextAt = free > 0 ? putOff.nextAt() : undefined;
      const pause = Math.min(nextAt === undefined ? longestPause : nextAt - now(), longestPause);
      await alarm.pause(pause, ending.aborted ? [cut] : [ending, cut]);
    }
    await Promise.all(underWay.values());
    if (failure && !cut.aborted) throw failure.error;
  }

  /** Nothing when the event is off the outbox; else what says that a right is missing in its namespace. */
  async function send(entry: OutboxEntry, cut: AbortSignal): Promise<KevError | undefined> {
    const { sequence, event, seenAt } = entry;
    const delays = createRetryDelays(random);
    for (;;) {
      let stored: KubeEvent;
      try {
        stored = await create(event, cut);
      } catch (thrown) {
        cut.throwIfAborted();
        const error = asKevError(thrown);
        if (isRightMissing(error)) return error;
        if (isRefused(error)) {
          await store.commit({ sent: [sequence] });
          observer.dropped(event, error);
          return undefined;
        }
        if (!isOfTheWay(error)) throw thrown;
        const retryIn = delays.next(retriable(error)?.after);
        observer.notWritten(error, retryIn);
        await clock.sleep(retryIn, cut);
        continue;
      }
      await store.commit({ sent: [sequence] });
      observer.written(stored, Math.max(0, clock.now().getTime() - seenAt) / 1_000);
      await orAborted(Promise.resolve(onEvent(stored)), cut);
      return undefined;
    }
  }

  async function create(event: KubeEvent, signal: AbortSignal): Promise<KubeEvent> {
    try {
      return await createEvent(connection, event, { retry: { timeout: 0, clock, signal }, fieldManager: "kev-track" });
    } catch (error) {
      // Its name is random: an earlier try has stored it, before this run or in it.
      if (isAlreadyExists(error)) return event;
      throw error;
    }
  }

  return { wake: alarm.ring, run };
}

/** RBAC's refusal; a namespace that is ending, or a policy, refuses for good. */
function isRightMissing(error: KevError): boolean {
  return (
    error instanceof ApiError && error.httpStatus === 403 && forbiddenHint(error.status?.message ?? "") !== undefined
  );
}

/**
 * The API server itself has read the event, and will not have it. A page without a Status is a load balancer's, and 401 is
 * about who asks: a token that has expired, or an authenticator that is away.
 */
function isRefused(error: KevError): error is ApiError {
  if (!(error instanceof ApiError) || retriable(error)) return false;
  return error.status !== undefined && error.httpStatus !== 401;
}

/** What has to do with how the event was sent, and may be otherwise the next time; its name tells whether it was stored. */
function isOfTheWay(error: KevError): boolean {
  return error instanceof ApiError || error instanceof UnreachableError || error instanceof BadAnswerError;
}
