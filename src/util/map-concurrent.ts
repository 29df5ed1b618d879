export interface MapConcurrentOptions {
  /** Results that may wait for a slow call before them; without any it holds up those behind it. Default 0. */
  readonly waiting?: number;
  /** Nothing more is read once it aborts; its reason is thrown after the results of what is under way. */
  readonly stop?: AbortSignal | undefined;
}

/** What a call has come to. */
type Settled<R> = { readonly value: R } | { readonly error: unknown };

/**
 * Maps `items` with at most `limit` calls under way, yielding results in the order of the items: what is printed stands
 * as it was asked for. Reads no further ahead than is mapped, so a slow consumer slows the reading; while the next item is
 * waited for, results that are there are yielded. A rejected call rejects the iteration at its place, and so does an item
 * that cannot be read.
 */
export async function* mapConcurrent<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  map: (item: T) => Promise<R>,
  { waiting = 0, stop }: MapConcurrentOptions = {},
): AsyncGenerator<R, void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const begun: { settled?: Settled<R> }[] = [];
  let underWay = 0;
  let isReading = false;
  /** The items have come to their end by themselves. */
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = nothing;
  const begin = (item: T): void => {
    const call: { settled?: Settled<R> } = {};
    const end = (settled: Settled<R>): void => {
      call.settled = settled;
      underWay--;
      wake();
    };
    map(item).then(
      (value) => end({ value }),
      (error: unknown) => end({ error }),
    );
    underWay++;
    begun.push(call);
  };
  const take = ({ done, value }: IteratorResult<T>): void => {
    isReading = false;
    if (done) isOver = true;
    else if (!failure) begin(value);
    wake();
  };
  const fail = (error: unknown): void => {
    isReading = false;
    isOver = true;
    failure ??= { error };
    wake();
  };
  const onStop = (): void => {
    failure ??= { error: stop?.reason };
    wake();
  };
  if (stop?.aborted) onStop();
  stop?.addEventListener("abort", onStop, { once: true });
  try {
    for (;;) {
      const settled = begun[0]?.settled;
      if (settled) {
        begun.shift();
        if ("error" in settled) throw settled.error;
        yield settled.value;
        continue;
      }
      const mayRead = !isReading && !isOver && !failure;
      if (mayRead && underWay < limit && begun.length < limit + waiting) {
        isReading = true;
        Promise.resolve(iterator.next()).then(take).catch(fail);
      } else if (begun.length === 0 && (isOver || failure)) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure) throw failure.error;
  } finally {
    stop?.removeEventListener("abort", onStop);
    // Who leaves early reads no more.
    if (!isOver) {
      const left = Promise.resolve(iterator.return?.());
      // A source that is asleep ends when it wakes.
      if (isReading) left.catch(nothing);
      else await left;
    }
  }
}

const nothing = (): undefined => undefined;
