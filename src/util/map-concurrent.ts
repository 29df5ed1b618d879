export interface MapConcurrentOptions {
  /** Results that may wait for a slow call before them; without any it holds up those behind it. Default 0. */
  readonly waiting?: number;
  /** Nothing more is begun once it aborts; its reason is thrown after the results of what is under way. */
  readonly stop?: AbortSignal | undefined;
}

/** A call of `map`, and what it has come to. */
interface Call<R> {
  settled?: { readonly value: R } | { readonly error: unknown };
}

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
  const begun: Call<R>[] = [];
  let underWay = 0;
  let isReading = false;
  /** Read, and begun by the loop only: nothing is begun for a consumer who has left. */
  let next: IteratorYieldResult<T> | undefined;
  /** The items have come to their end, or to an error of theirs. */
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  let wake: () => void = nothing;
  const read = (): void => {
    isReading = true;
    try {
      Promise.resolve(iterator.next()).then(take, fail);
    } catch (error) {
      fail(error);
    }
  };
  const take = (result: IteratorResult<T>): void => {
    isReading = false;
    if (result.done) isOver = true;
    else next = result;
    wake();
  };
  const fail = (error: unknown): void => {
    isReading = false;
    isOver = true;
    failure ??= { error };
    wake();
  };
  const begin = (item: T): void => {
    const call: Call<R> = {};
    const end = (settled: Required<Call<R>>["settled"]): void => {
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
  const onStop = (): void => {
    failure = { error: stop?.reason };
    wake();
  };
  if (stop?.aborted) onStop();
  stop?.addEventListener("abort", onStop, { once: true });
  let hasFailed = true;
  try {
    for (;;) {
      if (next && !failure) {
        begin(next.value);
        next = undefined;
      }
      const hasRoom = underWay < limit && begun.length < limit + waiting;
      const reads = hasRoom && !isReading && !next && !isOver && !failure;
      if (reads) read();
      const settled = begun[0]?.settled;
      if (settled) {
        begun.shift();
        if ("error" in settled) throw settled.error;
        hasFailed = false;
        yield settled.value;
        hasFailed = true;
      } else if (begun.length === 0 && (isOver || failure)) break;
      // Whoever is asked for an item may abort, or fail, at once.
      else if (!reads) await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure) throw failure.error;
  } finally {
    stop?.removeEventListener("abort", onStop);
    // Who leaves early reads no more.
    if (!isOver) {
      const left = (async () => iterator.return?.())();
      // A source that is asleep ends when it wakes; and one that cannot be closed must not hide why.
      if (isReading || hasFailed) left.catch(nothing);
      else await left;
    }
  }
}

const nothing = (): undefined => undefined;
