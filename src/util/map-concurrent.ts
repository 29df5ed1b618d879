/**
 * Maps `items` with at most `limit` calls under way, yielding results in the order of the items: what is printed stands
 * as it was asked for, and a slow call holds up those behind it. Reads no further ahead than `limit`, so a slow consumer
 * slows the reading; while the next item is waited for, results that are there are yielded. A rejected call rejects the
 * iteration at its place.
 */
export async function* mapConcurrent<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const underWay: Promise<R>[] = [];
  let reading: Promise<IteratorResult<T>> | undefined;
  let isOver = false;
  try {
    while (!isOver || underWay.length > 0) {
      if (!isOver && underWay.length < limit) reading ??= Promise.resolve(iterator.next());
      const [head] = underWay;
      // Undefined: the result at the head is there first.
      const read = reading && (await Promise.race([reading, ...(head ? [head.then(nothing, nothing)] : [])]));
      if (read === undefined) {
        yield await (underWay.shift() as Promise<R>);
        continue;
      }
      reading = undefined;
      if (read.done) {
        isOver = true;
        continue;
      }
      const result = map(read.value);
      // The rejection is seen when its turn comes; until then it must not count as unhandled.
      result.catch(nothing);
      underWay.push(result);
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
