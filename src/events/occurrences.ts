import type { KubeEvent } from "./event.ts";

/** How often an event happened, and when; a time that the event does not say is undefined. */
export interface Occurrences {
  /** At least 1: who writes an event once often leaves the count out. */
  count: number;
  first: Date | undefined;
  last: Date | undefined;
}

/**
 * What an Event object says of its occurrences, whichever of the API's three ways it is written in: a series, a count
 * with timestamps, or a single eventTime. When the object was created counts only where it says no time at all.
 *
 * Times are cut to milliseconds. Source: getInterval and eventTime of k8s.io/kubectl/pkg/cmd/events, which know of no
 * last resorts, and take the first time for the last one of an event that is counted once.
 */
export function occurrencesOf(event: KubeEvent): Occurrences {
  const { series } = event;
  const single = timeOf(event.eventTime);
  const first = single ?? timeOf(event.firstTimestamp);
  const last = timeOf(series?.lastObservedTime) ?? timeOf(event.lastTimestamp) ?? first;
  const created = last === undefined ? timeOf(event.metadata.creationTimestamp) : undefined;
  return { count: Math.max(series?.count || event.count || 1, 1), first: first ?? created, last: last ?? created };
}

/** Undefined for what is no time, and for Go's zero time, which some clients write where they mean none. */
function timeOf(text: string | null | undefined): Date | undefined {
  if (!text || text.startsWith("0001-01-01T00:00:00")) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time;
}
