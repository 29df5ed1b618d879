import type { Delivery } from "../../sinks/delivery.ts";
import type { Clock } from "../../util/clock.ts";
import type { KevError } from "../../util/errors.ts";
import type { DeliveryPolicy } from "../config/route-config.ts";
import type { SinkStatus } from "../route-observer.ts";
import { type Backlog, fitting, type PageLimit, type QueuedDelivery, type RouteStore } from "../store/route-store.ts";

/** Takes a batch off a queue for good: delivered, set aside, or in the dead letters. Only the end of the run makes it throw. */
export type Deliver = (batch: readonly Delivery[], signal: AbortSignal) => Promise<void>;

export interface SinkQueueOptions {
  readonly name: string;
  readonly policy: Pick<DeliveryPolicy, "batch" | "queue">;
  readonly store: RouteStore;
  readonly clock: Clock;
  readonly deliver: Deliver;
  /** What the last try failed with. */
  readonly problem: () => KevError | undefined;
  /** Sequence up to which the sink has everything. */
  readonly cursor: number;
  /** Sequence of the newest delivery in the store. */
  readonly lastSequence: number;
  /** What waits in the store. */
  readonly backlog: Backlog | undefined;
  /** What of it is kept in memory; default 2,000 events and 8 MiB, enough for the next batches. */
  readonly inMemory?: PageLimit | undefined;
}

/** The queue before one sink. What is in it stands in the store; the head of it is in memory as well. */
export interface SinkQueue {
  readonly name: string;
  /** What was stored, in order, whether or not it is for this sink. */
  stored(deliveries: readonly QueuedDelivery[]): void;
  /** Everything up to this sequence is taken, or is not for this sink. */
  readonly cursor: number;
  readonly status: SinkStatus;
  /** True when no more is to be added. */
  readonly isFull: boolean;
  /** Resolves when it is not full any more. */
  room(): Promise<void>;
  /**
   * Delivers until `ending` has aborted and the batch under way is delivered, or, where the store is not kept, all of them;
   * or until `signal` aborts.
   */
  run(ending: AbortSignal, signal: AbortSignal): Promise<void>;
}

export function createSinkQueue(options: SinkQueueOptions): SinkQueue {
  const { name, policy, store, clock, deliver } = options;
  const { inMemory: most = { events: 2_000, bytes: 8 * 2 ** 20 } } = options;
  let waiting: QueuedDelivery[] = [];
  let waitingBytes = 0;
  let inFlight: readonly QueuedDelivery[] = [];
  let events = options.backlog?.events ?? 0;
  let bytes = options.backlog?.bytes ?? 0;
  let oldestAt = options.backlog?.oldestAt;
  let cursor = options.cursor;
  let { lastSequence } = options;
  /** Sequence behind which the rest of the queue has to be read from the store; undefined: all of it is in memory. */
  let unread: number | undefined = events > 0 ? cursor : undefined;
  let wake: (() => void) | undefined;
  let onRoom: (() => void)[] = [];

  const isFull = (): boolean => events >= policy.queue.events || bytes >= policy.queue.bytes;

  async function refill(): Promise<void> {
    while (waiting.length === 0 && unread !== undefined) {
      const newest = lastSequence;
      const read = await store.queued(name, unread, most);
      // What is stored already and was not told yet comes by `stored`.
      const page = read.filter(({ sequence }) => sequence <= newest);
      waiting = [...page];
      waitingBytes = page.reduce((sum, one) => sum + one.bytes, 0);
      // Only where nothing is left, and nothing was stored meanwhile, does what comes go straight into memory again.
      const rest = newest === lastSequence ? undefined : newest;
      unread = page.at(-1)?.sequence ?? rest;
    }
  }

  /** The next batch: full, or its time is over; empty at the end. */
  async function nextBatch(ending: AbortSignal): Promise<readonly QueuedDelivery[]> {
    let waitsSince: number | undefined;
    for (;;) {
      // What is kept waits for the next run.
      if (ending.aborted && store.isKept) return [];
      await refill();
      const isBatchFull = waiting.length >= policy.batch.events || waitingBytes >= policy.batch.bytes;
      if (waiting.length > 0 && (isBatchFull || unread !== undefined || ending.aborted)) break;
      if (ending.aborted) return [];
      const now = clock.now().getTime();
      if (waiting.length > 0) waitsSince ??= now;
      const left = waitsSince === undefined ? undefined : waitsSince + policy.batch.wait - now;
      if (left !== undefined && left <= 0) break;
      await pause(left, ending);
    }
    const size = fitting(waiting, policy.batch);
    const batch = waiting.slice(0, size);
    waiting = waiting.slice(size);
    waitingBytes -= batch.reduce((sum, one) => sum + one.bytes, 0);
    return batch;
  }

  /** Until something was stored, the end begins, or so many milliseconds have passed. */
  async function pause(milliseconds: number | undefined, ending: AbortSignal): Promise<void> {
    const woken = new AbortController();
    if (ending.aborted) return;
    const onEnd = (): void => woken.abort();
    ending.addEventListener("abort", onEnd, { once: true });
    wake = onEnd;
    try {
      if (milliseconds !== undefined) await clock.sleep(milliseconds, woken.signal);
      else
        await new Promise<void>((resolve) => woken.signal.addEventListener("abort", () => resolve(), { once: true }));
    } catch {
      // Woken.
    } finally {
      wake = undefined;
      ending.removeEventListener("abort", onEnd);
    }
  }

  function taken(batch: readonly QueuedDelivery[]): void {
    cursor = batch.at(-1)?.sequence ?? cursor;
    events -= batch.length;
    bytes -= batch.reduce((sum, one) => sum + one.bytes, 0);
    inFlight = [];
    oldestAt = waiting[0]?.at ?? (events > 0 ? batch.at(-1)?.at : undefined);
    if (!isFull()) {
      for (const resolve of onRoom) resolve();
      onRoom = [];
    }
  }

  return {
    name,
    stored: (deliveries) => {
      for (const one of deliveries) {
        // Nothing of what came before is for this sink: its cursor does not fall back to its own last one.
        if (events === 0) cursor = lastSequence;
        lastSequence = one.sequence;
        if (!Object.hasOwn(one.targets, name)) continue;
        events++;
        bytes += one.bytes;
        oldestAt ??= one.at;
        if (unread !== undefined) continue;
        if (waiting.length >= most.events || waitingBytes >= most.bytes) {
          unread = waiting.at(-1)?.sequence ?? cursor;
          continue;
        }
        waiting.push(one);
        waitingBytes += one.bytes;
      }
      if (waiting.length >= policy.batch.events || waitingBytes >= policy.batch.bytes || wakesAtOnce()) wake?.();
    },
    get cursor() {
      return events === 0 ? lastSequence : cursor;
    },
    get status() {
      const oldest = oldestAt === undefined ? undefined : new Date(oldestAt);
      return { name, queued: events, queuedBytes: bytes, oldestAt: oldest, problem: options.problem() };
    },
    get isFull() {
      return isFull();
    },
    room: async () => {
      if (!isFull()) return;
      await new Promise<void>((resolve) => onRoom.push(resolve));
    },
    run: async (ending, signal) => {
      while (!signal.aborted) {
        inFlight = await nextBatch(ending);
        if (inFlight.length === 0) return;
        await deliver(
          inFlight.map((one) => forSink(one, name)),
          signal,
        );
        taken(inFlight);
      }
    },
  };

  // Who sleeps without a time to wake up waits for the first delivery.
  function wakesAtOnce(): boolean {
    return inFlight.length === 0 && waiting.length > 0;
  }
}

/** The delivery with this sink's delta. */
function forSink({ delivery, targets }: QueuedDelivery, name: string): Delivery {
  const delta = targets[name] ?? delivery.delta;
  return delta === delivery.delta ? delivery : { ...delivery, delta };
}
