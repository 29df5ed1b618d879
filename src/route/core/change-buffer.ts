/** Hands what comes on in groups: one writer, one reader. */
export interface ChangeBuffer<T> {
  /** Resolves when there is room for more; undefined: there is. */
  push(items: readonly T[]): Promise<void> | undefined;
  /** No more is waited for: a writer that waits for room goes on, and the reader gets what is left. */
  end(): void;
  /** What has come since; waits for something. Undefined: the end. */
  take(): Promise<T[] | undefined>;
  /** True when the reader has come back for more, and nothing is there. */
  readonly isIdle: boolean;
}

/** @param most items after which the writer waits; one push may go beyond */
export function createChangeBuffer<T>(most: number): ChangeBuffer<T> {
  let items: T[] = [];
  let isEnded = false;
  let isTaken = false;
  let wakeReader = (): void => undefined;
  let wakeWriter = (): void => undefined;

  return {
    push: (more) => {
      items.push(...more);
      if (items.length > 0) wakeReader();
      if (items.length < most || isEnded) return undefined;
      return new Promise((resolve) => {
        wakeWriter = resolve;
      });
    },
    end: () => {
      isEnded = true;
      wakeReader();
      wakeWriter();
    },
    take: async () => {
      isTaken = false;
      if (items.length === 0 && !isEnded) {
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
      if (items.length === 0) return undefined;
      const taken = items;
      items = [];
      isTaken = true;
      wakeWriter();
      return taken;
    },
    get isIdle() {
      return items.length === 0 && !isTaken;
    },
  };
}
