import type { Clock } from "../../util/clock.ts";

/** Hands what comes one by one on in groups: one writer, one reader. */
export interface ChangeBuffer<T> {
  /** Resolves when there is room for more. */
  push(item: T): Promise<void> | undefined;
  /** No more is waited for: a writer that waits for room goes on, and the reader gets what is left. */
  end(): void;
  /** What has come since; waits for something. Undefined: the end. */
  take(): Promise<T[] | undefined>;
  /** True when the reader has come back for more, and nothing is there. */
  readonly isIdle: boolean;
}

export interface ChangeBufferOptions {
  /** Items after which the writer waits. */
  most: number;
  /**
   * Milliseconds that the reader waits for more after the first, at least and at most: each group is one write to the disk.
   * The larger the last group was, the longer: ten or more of them are the most.
   */
  linger: readonly [least: number, most: number];
  clock: Clock;
}

const manyItems = 10;

export function createChangeBuffer<T>({ most, linger, clock }: ChangeBufferOptions): ChangeBuffer<T> {
  let items: T[] = [];
  let isEnded = false;
  let isTaken = false;
  let lastSize = 0;
  let wakeReader: (() => void) | undefined;
  let wakeWriter: (() => void) | undefined;
  const full = new AbortController();
  let lingering = full;

  const changed = (): void => {
    wakeReader?.();
    wakeReader = undefined;
    if (isEnded || items.length >= most) lingering.abort();
  };
  return {
    push: (item) => {
      items.push(item);
      if (wakeReader || items.length >= most) changed();
      if (items.length < most || isEnded) return undefined;
      return new Promise((resolve) => {
        wakeWriter = resolve;
      });
    },
    end: () => {
      isEnded = true;
      changed();
      wakeWriter?.();
      wakeWriter = undefined;
    },
    take: async () => {
      isTaken = false;
      if (items.length === 0 && !isEnded) {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
      if (items.length === 0) return undefined;
      if (items.length < most && !isEnded) {
        lingering = new AbortController();
        const [least, longest] = linger;
        const share = Math.min(lastSize, manyItems) / manyItems;
        await clock.sleep(least + (longest - least) * share, lingering.signal).catch(() => undefined);
      }
      const taken = items;
      lastSize = taken.length;
      items = [];
      isTaken = true;
      wakeWriter?.();
      wakeWriter = undefined;
      return taken;
    },
    get isIdle() {
      return items.length === 0 && !isTaken;
    },
  };
}
