import { setMaxListeners } from "node:events";
import type { KubeEvent } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import { BadAnswerError } from "../kube/bad-answer-error.ts";
import type { Connection } from "../kube/connection.ts";
import { forbiddenHint } from "../kube/forbidden-hint.ts";
import { createRetryDelays } from "../kube/list-watch/retry-delays.ts";
import { retriable } from "../kube/retriable.ts";
import { createEvent, isAlreadyExists } from "../record/store-event.ts";
import { asKevError } from "../util/as-kev-error.ts";
import type { Clock } from "../util/clock.ts";
import type { KevError } from "../util/errors.ts";
import type { TrackObserver } from "./track-observer.ts";
import type { OutboxEntry, TrackStore } from "./track-store.ts";

export interface OutboxSenderOptions {
  readonly store: TrackStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<TrackObserver, "written" | "dropped" | "notWritten">;
  /** Told of each event that is stored, as the server has it. */
  readonly onEvent: (event: KubeEvent) => void;
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
/** Milliseconds until an event is tried again for which a right is missing; others go on meanwhile. */
const [firstWait, longestWait] = [1_000, 30_000];
/** Milliseconds. */
const longestPause = 600_000;

/**
 * Each event has its name before it is sent first, and stays in the outbox until the server has answered: what is sent
 * again after a crash and meets its own name is stored. RBAC: create on events.
 */
export function createOutboxSender(connection: Connection, options: OutboxSenderOptions): OutboxSender {
  const { store, clock, random, observer, onEvent } = options;
  let hasNews = false;
  let wakeUp = (): void => undefined;
  function wake(): void {
    hasNews = true;
    wakeUp();
  }

  async function run(ending: AbortSignal, cut: AbortSignal): Promise<void> {
    /** Of events whose right was missing: sequence → when to try again, and how long to wait after that. */
    const putOff = new Map<number, { readonly at: number; readonly wait: number }>();
    const underWay = new Map<number, Promise<void>>();
    let after = 0;
    let failure: { readonly error: unknown } | undefined;
    // Each request under way listens to it.
    setMaxListeners(0, cut);

    function start(entry: OutboxEntry): void {
      const { sequence } = entry;
      const wait = putOff.get(sequence)?.wait ?? firstWait;
      putOff.delete(sequence);
      const sending = send(entry, cut)
        .then((isDone) => {
          if (isDone) return;
          putOff.set(sequence, { at: clock.now().getTime() + wait, wait: Math.min(wait * 2, longestWait) });
        })
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => {
          underWay.delete(sequence);
          wake();
        });
      underWay.set(sequence, sending);
    }

    /** What may be sent now: what is due again, and what has not been sent yet. */
    async function next(free: number): Promise<readonly OutboxEntry[]> {
      const now = clock.now().getTime();
      const due = [...putOff].filter(([, { at }]) => at <= now).slice(0, free);
      const again = await Promise.all(due.map(([sequence]) => store.outbox(sequence - 1, 1)));
      const fresh = await store.outbox(after, free - due.length);
      after = fresh.at(-1)?.sequence ?? after;
      return [...again.flat(), ...fresh];
    }

    while (!cut.aborted && !failure) {
      hasNews = false;
      const free = atOnce - underWay.size;
      const entries = free > 0 ? await next(free) : [];
      for (const entry of entries) start(entry);
      if (entries.length > 0) continue;
      // What is put off is left to the next run.
      if (ending.aborted && underWay.size === 0) break;
      const firstAt = Math.min(...[...putOff.values()].map(({ at }) => at));
      await pause(free > 0 ? firstAt - clock.now().getTime() : longestPause, [ending, cut]);
    }
    await Promise.all(underWay.values());
    if (failure && !cut.aborted) throw failure.error;
  }

  /** True when the event is off the outbox; false: a right is missing, and others may not need it. */
  async function send({ sequence, event, seenAt }: OutboxEntry, cut: AbortSignal): Promise<boolean> {
    const delays = createRetryDelays(random);
    for (;;) {
      try {
        const stored = await create(event, cut);
        await store.commit({ sent: [sequence] });
        observer.written(stored, Math.max(0, clock.now().getTime() - seenAt) / 1_000);
        onEvent(stored);
        return true;
      } catch (thrown) {
        cut.throwIfAborted();
        const error = asKevError(thrown);
        if (isRightMissing(error)) {
          observer.notWritten(error, firstWait);
          return false;
        }
        // A page of a proxy's: whether the server has stored it, its name tells the next time.
        const verdict = error instanceof BadAnswerError ? { after: 0 } : retriable(error);
        if (verdict === undefined) {
          if (!(error instanceof ApiError)) throw thrown;
          await store.commit({ sent: [sequence] });
          observer.dropped(event, error);
          return true;
        }
        const retryIn = delays.next(verdict.after);
        observer.notWritten(error, retryIn);
        await clock.sleep(retryIn, cut);
      }
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

  /** Until something new is there, or as long. */
  async function pause(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
    if (hasNews) return;
    const over = new AbortController();
    const end = (): void => over.abort();
    wakeUp = end;
    const open = signals.filter(({ aborted }) => !aborted);
    for (const signal of open) signal.addEventListener("abort", end, { once: true });
    await clock.sleep(Math.max(0, Math.min(milliseconds, longestPause)), over.signal).catch(() => undefined);
    for (const signal of open) signal.removeEventListener("abort", end);
  }

  return { wake, run };
}

/** RBAC's refusal; a namespace that is ending, or a policy, refuses for good. */
function isRightMissing(error: KevError): boolean {
  return (
    error instanceof ApiError && error.httpStatus === 403 && forbiddenHint(error.status?.message ?? "") !== undefined
  );
}
