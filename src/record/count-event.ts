import type { KubeEvent } from "../events/event.ts";
import { spanOf } from "../events/fold-events.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { retriable } from "../kube/retriable.ts";
import type { Retriable } from "../util/backoff.ts";
import { createEvent, eventIn, eventPath, isAlreadyExists, retryStoring, type StoreOptions } from "./store-event.ts";

/** What became of one occurrence of a keyed event. */
export interface CountedEvent {
  outcome: "created" | "counted" | "unchanged";
  event: KubeEvent;
}

export interface CountOptions extends StoreOptions {
  /** Names these occurrences, so that a PATCH whose answer was lost is not counted twice. */
  occurrence: string;
  /** An existing event is done: nothing is counted. */
  once?: boolean | undefined;
  /** How many happenings are new, where the event's `count` is that of all of them, for where it has to be created; default its `count`. */
  amount?: number | undefined;
}

/** The newest occurrences that an event stands for, by id. */
export const occurrencesAnnotation = "kev.dev/occurrences";
// More than this many other occurrences between a lost answer and the next look would count one twice.
const remembered = 128;
// Lost races say nothing of the server's health, so they have a budget of their own; each is won by some other writer.
const mostRaces = 20;

/**
 * Stores occurrences of the event that `event` names, of which its count says how many: creates it, or counts it up (count,
 * lastTimestamp, message) in a PATCH that carries the resourceVersion, so that occurrences written at the same time are all
 * counted. An event that expired meanwhile is created anew. RBAC: create, get and patch on events.
 *
 * @throws as {@link storeEvent}
 */
export async function countEvent(
  connection: Connection,
  event: KubeEvent,
  options: CountOptions,
): Promise<CountedEvent> {
  const first = withOccurrences(event, [options.occurrence]);
  const { clock, signal, random = Math.random } = options.retry;
  let exists = false;
  const attempt = async (): Promise<CountedEvent> => {
    if (!exists) {
      try {
        return { outcome: "created", event: await createEvent(connection, first, options) };
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        exists = true;
      }
    }
    try {
      return await countUp(connection, event, options);
    } catch (error) {
      // It expired between the look and the PATCH.
      if (error instanceof ApiError && error.httpStatus === 404) exists = false;
      throw error;
    }
  };
  const step = async (): Promise<CountedEvent> => {
    for (let race = 1; ; race++) {
      try {
        return await attempt();
      } catch (error) {
        if (!isLostRace(error) || race === mostRaces) throw error;
        await clock.sleep(race * 20 * random(), signal);
      }
    }
  };
  // With time left, races lost too often are run again later.
  const isRetriable = options.retriable ?? retriable;
  const retriableCount: Retriable = (error) => (isLostRace(error) ? { after: 0 } : isRetriable(error));
  return await retryStoring(event, step, retriableCount, options);
}

async function countUp(connection: Connection, event: KubeEvent, options: CountOptions): Promise<CountedEvent> {
  const { signal } = options.retry;
  const path = eventPath(event);
  const found = eventIn(await connection.request<object>({ path, signal }), event, `GET ${path}`);
  const occurrences = occurrencesOf(found);
  if (occurrences.includes(options.occurrence)) {
    return { outcome: found.count === (event.count ?? 1) ? "created" : "counted", event: found };
  }
  if (options.once) return { outcome: "unchanged", event: found };
  const patched = await connection.request<object>({
    method: "PATCH",
    path,
    query: { fieldManager: options.fieldManager ?? "kev", ...(options.dryRun && { dryRun: "All" }) },
    contentType: "application/merge-patch+json",
    body: {
      metadata: {
        resourceVersion: found.metadata.resourceVersion,
        labels: event.metadata.labels,
        annotations: {
          ...event.metadata.annotations,
          [occurrencesAnnotation]: [...occurrences, options.occurrence].slice(-remembered).join(","),
        },
      },
      count: (found.count ?? 1) + (options.amount ?? event.count ?? 1),
      // An occurrence told late (`--at`) must not make the newest one older.
      ...spanOf(found, event),
      // One that is told late says nothing new.
      ...((event.lastTimestamp ?? "") >= (found.lastTimestamp ?? "") && { message: event.message }),
    },
    signal,
  });
  return { outcome: "counted", event: eventIn(patched, event, `PATCH ${path}`) };
}

function withOccurrences(event: KubeEvent, occurrences: readonly string[]): KubeEvent {
  const annotations = { ...event.metadata.annotations, [occurrencesAnnotation]: occurrences.join(",") };
  return { ...event, metadata: { ...event.metadata, annotations } };
}

function occurrencesOf(event: KubeEvent): string[] {
  return event.metadata.annotations?.[occurrencesAnnotation]?.split(",") ?? [];
}

// Somebody else counted at the same moment, or the event expired under our hands.
function isLostRace(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  const onEvent = error.status?.details?.kind === "events";
  return (error.httpStatus === 409 && error.reason === "Conflict") || (error.httpStatus === 404 && onEvent);
}
