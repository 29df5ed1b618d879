/**
 * Maps `items` with at most `limit` calls under way, yielding results in the order of the items: what is printed stands
 * as it was asked for, and a slow call holds up those behind it. Reads no further ahead than `limit`, so a slow consumer
 * slows the reading. A rejected call rejects the iteration at its place.
 */
export async function* mapConcurrent<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for await (const item of items) {
    const result = map(item);
    // The rejection is seen when its turn comes; until then it must not count as unhandled.
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length >= limit) yield underWay.shift() as Promise<R>;
  }
  for (const result of underWay) yield await result;
}
