import type { KubeEvent } from "./event.ts";

/**
 * `earlier` as it is when `later`, the same event once more or several times, is counted on it: the sum of their counts, the
 * time of both, and what the one that happened last says. Its name and object stay.
 */
export function foldEvents(earlier: KubeEvent, later: KubeEvent): KubeEvent {
  const { metadata } = earlier;
  // One that is told late says nothing new.
  const isNewest = (later.lastTimestamp ?? "") >= (earlier.lastTimestamp ?? "");
  const labels = { ...metadata.labels, ...later.metadata.labels };
  const annotations = { ...metadata.annotations, ...later.metadata.annotations };
  return {
    ...earlier,
    metadata: {
      ...metadata,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    ...(isNewest && later.message !== undefined && { message: later.message }),
    count: (earlier.count ?? 1) + (later.count ?? 1),
    ...spanOf(earlier, later),
  };
}

/** The times from the first to the last occurrence of both. Whole seconds in UTC sort as text. */
export function spanOf(one: KubeEvent, other: KubeEvent): Pick<KubeEvent, "firstTimestamp" | "lastTimestamp"> {
  const all = [one.firstTimestamp, one.lastTimestamp, other.firstTimestamp, other.lastTimestamp];
  const times = all.filter((time) => time != null).sort();
  return { firstTimestamp: times[0] ?? null, lastTimestamp: times.at(-1) ?? null };
}
