import type { KubeEvent } from "../events/event.ts";
import { eventName } from "../events/event-name.ts";
import { foldEvents } from "../events/fold-events.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { retriable } from "../kube/retriable.ts";
import { createId } from "../util/create-id.ts";
import { countEvent } from "./count-event.ts";
import type { StoredEvent } from "./emission.ts";
import { eventIn, eventPath, retryStoring, type StoreOptions, storeEvent } from "./store-event.ts";

/** One event on the server, and who counts on it. */
export interface EventSeries {
  /** With a key its name is the same in every process, so that others may count on it too. */
  readonly isKeyed: boolean;
  /** As the server had it last; undefined before it is there, and where that is not known. */
  stored?: KubeEvent | undefined;
}

/**
 * Stores occurrences of a series, of which `event` has the count: creates the event, or counts it up in a PATCH. An event
 * that expired is created anew. RBAC: create and patch on events, with a key also get.
 *
 * @throws as {@link storeEvent}
 */
export async function writeSeries(
  connection: Connection,
  series: EventSeries,
  event: KubeEvent,
  options: StoreOptions & { once?: boolean | undefined },
): Promise<StoredEvent> {
  if (series.isKeyed) {
    return await countEvent(connection, event, { ...options, occurrence: createId().slice(0, 10) });
  }
  const { stored } = series;
  // While a write is under way, and after one that may have been carried out or not, nobody knows what the server has.
  series.stored = undefined;
  const counted = stored && (await countUp(connection, series, stored, event, options));
  const result: StoredEvent = counted
    ? { outcome: "counted", event: counted }
    : { outcome: "created", event: await storeEvent(connection, named(event), options) };
  series.stored = small(result.event);
  return result;
}

/** Under a random name. To make one takes longer than all else that is done for an event, and most are counted on another. */
function named(event: KubeEvent): KubeEvent {
  const name = eventName(event.involvedObject.name ?? "", createId());
  return { ...event, metadata: { ...event.metadata, name } };
}

/** What is remembered of thousands of events: not who has set which field of them. */
function small({ metadata: { managedFields: _, ...metadata }, ...event }: KubeEvent): KubeEvent {
  return { ...event, metadata };
}

/**
 * Undefined when the event is not there any more. Nobody else writes the count of an event with a random name, so that the PATCH
 * says what it is to be: to send it again, when its answer was lost, changes nothing.
 */
async function countUp(
  connection: Connection,
  series: EventSeries,
  stored: KubeEvent,
  event: KubeEvent,
  options: StoreOptions,
): Promise<KubeEvent | undefined> {
  const { metadata, count, message, firstTimestamp, lastTimestamp } = foldEvents(stored, event);
  const path = eventPath(stored);
  const { labels, annotations } = event.metadata;
  const isMeta = labels !== undefined || annotations !== undefined;
  const step = async (): Promise<KubeEvent> => {
    const answer = await connection.request<object>({
      method: "PATCH",
      path,
      query: { fieldManager: options.fieldManager ?? "kev" },
      contentType: "application/merge-patch+json",
      body: {
        ...(isMeta && { metadata: { labels: metadata.labels, annotations: metadata.annotations } }),
        ...{ count, message, firstTimestamp, lastTimestamp },
      },
      signal: options.retry.signal,
    });
    return eventIn(answer, stored, `PATCH ${path}`);
  };
  try {
    return await retryStoring(stored, step, options.retriable ?? retriable, options);
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus === 404) return undefined;
    // A refusal is an answer: the event is as it was.
    if (error instanceof ApiError && error.httpStatus < 500) series.stored = stored;
    throw error;
  }
}
