import type { KubeEvent } from "../events/event.ts";
import type { Delivery } from "../sinks/delivery.ts";
import type { KevError } from "../util/errors.ts";

/** Told what the router does: for metrics and the log. Each call is cheap and does not throw. */
export interface RouteObserver {
  /** A change with occurrences was taken in, before any route was asked. */
  taken(delivery: Delivery): void;
  /** A list shows an event that was taken in before; an earlier run may have done that. */
  present(event: KubeEvent): void;
  /** An event is not there any more: expired, or deleted. */
  forgotten(uid: string): void;
  /** A sink took the deliveries; `seconds` is how long its send took. */
  sent(sink: string, deliveries: number, seconds: number): void;
  /** A send failed and is tried again in `retryIn` milliseconds. Nothing is lost. */
  retried(sink: string, error: KevError, retryIn: number): void;
  /** Deliveries were handed to the fallback of the sink. */
  fellBack(sink: string, deliveries: number, reason: string): void;
  /** Deliveries went to the sink's file of dead letters, and nowhere else. */
  deadLettered(sink: string, deliveries: number, reason: string): void;
  /** Lost, as the config asks for: the queue of the sink is full. */
  dropped(sink: string, deliveries: number, reason: "queue-full" | "sink-forgotten"): void;
  /** Everything was listed. */
  listed(cause: "start" | "expired" | "error"): void;
  /** The connection to the server failed and is tried again in `retryIn` milliseconds. */
  disconnected(during: "list" | "watch" | "owners", error: KevError, retryIn: number): void;
  /** The watch goes on after it had failed. */
  reconnected(): void;
  /** The state could not be written; it is tried again in `retryIn` milliseconds. Nothing is lost, nothing goes on. */
  notStored(error: KevError, retryIn: number): void;
  /** Events written in this time may have expired before they were seen. */
  gap(from: Date, to: Date): void;
}

/** How the router stands, asked for at each look at the metrics. */
export interface RouteStatus {
  readonly sinks: readonly SinkStatus[];
  /** When everything up to then was last known to be taken in; undefined before the first list. */
  readonly checkpointAt: Date | undefined;
  /** False before the first list is complete, and while the server cannot be reached. */
  readonly isWatching: boolean;
  /** Objects in the cache of objects, its hits and its misses since the start. */
  readonly objects: { readonly cached: number; readonly hits: number; readonly misses: number };
}

export interface SinkStatus {
  readonly name: string;
  /** Deliveries that wait for it, and their size as JSON. */
  readonly queued: number;
  readonly queuedBytes: number;
  /** When the oldest of them was taken in. */
  readonly oldestAt: Date | undefined;
  /** What its last send failed with; undefined when it worked. */
  readonly problem: KevError | undefined;
}
