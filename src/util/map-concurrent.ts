/**
 * Maps `items` with at most `limit` calls under way, yielding results in the order of the items: what is printed stands
 * as it was asked for. Reads no further ahead than is mapped, so a slow consumer slows the reading; while the next item is
 * waited for, results that are there are yielded. A rejected call rejects the iteration at its place.
 *
 * @param waiting results that may wait for a slow call before them; without any it holds up those behind it
 */
export async function* mapConcurrent<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  map: (item: T) => Promise<R>,
  waiting = 0,
): AsyncGenerator<R> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const begun: { readonly result: Promise<R>; isDone: boolean }[] = [];
  let underWay = 0;
  let wake: () => void = nothing;
  let reading: Promise<IteratorResult<T>> | undefined;
  let isOver = false;
  const begin = (item: T): void => {
    const call = { result: map(item), isDone: false };
    const end = (): void => {
      call.isDone = true;
      underWay--;
      wake();
    };
    // The rejection is seen when its turn comes; until then it must not count as unhandled.
    call.result.then(end, end);
    underWay++;
    begun.push(call);
  };
  try {
    while (!isOver || begun.length > 0) {
      if (!isOver && underWay < limit && begun.length < limit + waiting) reading ??= Promise.resolve(iterator.next());
      const [head] = begun;
      const ended = head?.isDone ? undefined : new Promise<undefined>((resolve) => (wake = () => resolve(undefined)));
      // Undefined: a call has ended, the head's or one that makes room for another.
      const read = await Promise.race(reading ? [reading, ended] : [ended]);
      if (read !== undefined) {
        reading = undefined;
        if (read.done) isOver = true;
        else begin(read.value);
      } else if (head?.isDone) {
        begun.shift();
        yield await head.result;
      }
    }
  } catch (error) {
    isOver = true;
    throw error;
  } finally {
    // Who leaves early reads no more.
    if (!isOver) {
      const left = Promise.resolve(iterator.return?.());
      // A source that is asleep ends when it wakes.
      if (reading) for (const ending of [reading, left]) ending.catch(nothing);
      else await left;
    }
  }
}

const nothing = (): undefined => undefined;
