import { createRetryDelays } from "../kube/list-watch/retry-delays.ts";
import type { Clock } from "../util/clock.ts";

export interface WorkQueueOptions<T> {
  /** Items of one key are worked on one after another; one that waits already is replaced. */
  keyOf(item: T): string;
  work(item: T): Promise<void>;
  /** How many keys at once. */
  concurrency: number;
  /** How often one item is tried before it is given up. */
  tries: number;
  signal: AbortSignal;
  clock: Clock;
  /** `retryIn` milliseconds; undefined: it is given up. */
  onFailed(item: T, error: unknown, retryIn: number | undefined): void;
}

export interface WorkQueue<T> {
  add(item: T): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** Work to be done soon, with tries in growing distances; until the signal aborts. */
export function createWorkQueue<T>(options: WorkQueueOptions<T>): WorkQueue<T> {
  const { keyOf, work, concurrency, tries, signal, clock, onFailed } = options;
  const queued = new Map<string, T>();
  const active = new Map<string, Promise<void>>();

  const pump = (): void => {
    for (const [key, item] of queued) {
      if (signal.aborted || active.size >= concurrency) return;
      if (active.has(key)) continue;
      queued.delete(key);
      const done = persist(item).finally(() => {
        active.delete(key);
        pump();
      });
      active.set(key, done);
    }
  };
  const persist = async (item: T): Promise<void> => {
    const delays = createRetryDelays(Math.random);
    for (let left = tries - 1; !signal.aborted; left--) {
      try {
        return await work(item);
      } catch (error) {
        if (signal.aborted) return;
        const retryIn = left > 0 ? delays.next() : undefined;
        onFailed(item, error, retryIn);
        if (retryIn === undefined) return;
        await clock.sleep(retryIn, signal).catch(() => undefined);
      }
    }
  };

  return {
    add: (item) => {
      queued.set(keyOf(item), item);
      pump();
    },
    settled: async () => {
      while (active.size > 0) await Promise.all(active.values());
    },
  };
}
