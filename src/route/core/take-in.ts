import type { KubeEvent } from "../../events/event.ts";
import { occurrencesOf } from "../../events/occurrences.ts";
import { compareResourceVersions } from "../../kube/list-watch/compare-resource-versions.ts";
import type { Delivery } from "../../sinks/delivery.ts";
import type { KnownEvent } from "../store/route-store.ts";

/** A state of an event that a list or a watch showed. */
export interface SeenEvent {
  event: KubeEvent;
  /** True when a list showed it. */
  isListed: boolean;
}

/** What a state of an event means. */
export interface TakenIn {
  /** What is known from now on. */
  known: KnownEvent;
  /** Undefined when it holds no occurrence that was not taken in before. */
  delivery: Delivery | undefined;
}

/**
 * What a state of an event means, given what is known of it; undefined for what was taken in before.
 *
 * An occurrence is what the event's count says: who changes an event's labels, or writes the same once more, adds none. Of
 * an event whose count falls, what was counted stays counted.
 *
 * @param now milliseconds since 1970
 */
export function takeIn(
  { event, isListed }: SeenEvent,
  known: KnownEvent | undefined,
  now: number,
): TakenIn | undefined {
  const { uid = "", resourceVersion = "" } = event.metadata;
  if (known && !isNewer(resourceVersion, known.resourceVersion, isListed)) return undefined;
  const { count, last } = occurrencesOf(event);
  const before = known?.count ?? 0;
  const delta = Math.max(count - before, 0);
  return {
    known: { uid, resourceVersion, count: Math.max(count, before), seenAt: now },
    delivery: delta === 0 ? undefined : deliveryOf(event, { delta, count, last, isFirst: !known, isListed }),
  };
}

// A list is the newest state there is: where it shows an older one than is known, the server's store was set back. A watch
// that begins anew may show older ones that a list had shown already.
function isNewer(version: string, known: string, isListed: boolean): boolean {
  if (isListed) return version !== known;
  return (compareResourceVersions(version, known) ?? (version === known ? 0 : 1)) > 0;
}

interface Facts {
  delta: number;
  count: number;
  last: Date | undefined;
  isFirst: boolean;
  isListed: boolean;
}

function deliveryOf(event: KubeEvent, { delta, count, last, isFirst, isListed }: Facts): Delivery {
  const { managedFields: _, ...metadata } = event.metadata;
  const { uid = "", resourceVersion = "" } = metadata;
  return {
    id: `${uid}/${resourceVersion}`,
    verb: isFirst ? "ADDED" : "UPDATED",
    delta,
    count,
    time: timeOf(event, last),
    ...(isListed && { replayed: true }),
    event: { ...event, metadata },
  };
}

// The event's own text where it has one: it may be more exact than a Date.
function timeOf(event: KubeEvent, last: Date | undefined): string {
  const own = [event.series?.lastObservedTime, event.lastTimestamp, event.eventTime, event.firstTimestamp];
  const text = own.find((candidate) => candidate && new Date(candidate).getTime() === last?.getTime());
  return text ?? last?.toISOString() ?? event.metadata.creationTimestamp ?? "1970-01-01T00:00:00Z";
}
