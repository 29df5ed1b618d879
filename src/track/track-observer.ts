import type { KubeEvent } from "../events/event.ts";
import type { KevError } from "../util/errors.ts";

/** What became of a change: it is an event, or it has come to nothing. */
export type ChangeVerb = (typeof changeVerbs)[number];

export const changeVerbs = ["created", "changed", "deleted"] as const;

/** Told what a tracker does: for metrics and the log. Each call is cheap and does not throw. */
export interface TrackObserver {
  /** A change was found; it will be an event. */
  found(type: string, verb: ChangeVerb): void;
  /** The API server has stored an event; `seconds` have passed since kev saw what it is about. */
  written(event: KubeEvent, seconds: number): void;
  /** The API server has refused an event for good. */
  dropped(event: KubeEvent, error: KevError): void;
  /** An event could not be written and is tried again in `retryIn` milliseconds. Nothing is lost. */
  notWritten(error: KevError, retryIn: number): void;
  /** All objects of a type were listed. */
  listed(type: string, cause: "start" | "expired" | "error"): void;
  /** Reading a type failed and is tried again in `retryIn` milliseconds. */
  disconnected(type: string, during: "list" | "watch" | "owners", error: KevError, retryIn: number): void;
  /** Reading goes on after it had failed. */
  reconnected(type: string): void;
  /** The state could not be read or written; it is tried again in `retryIn` milliseconds. Nothing is lost, nothing goes on. */
  notStored(error: KevError, retryIn: number): void;
  /** The end, without a state: this many events were not written, and nobody remembers them. */
  lost(events: number): void;
}

/** How a tracker stands, asked for at each look at the metrics. */
export interface TrackStatus {
  /** False for a type before its first list is complete, and while the server cannot be reached. */
  readonly types: readonly { readonly type: string; readonly isListed: boolean; readonly isWatching: boolean }[];
  /** Objects with changes that are not an event yet. */
  readonly pending: number;
  /** Events that wait to be written. */
  readonly waiting: number;
  /** When kev saw what the oldest of them is about. */
  readonly oldestAt: Date | undefined;
}

/** An observer that tells all of them. */
export function combineTrackObservers(observers: readonly TrackObserver[]): TrackObserver {
  return {
    found: (...what) => observers.forEach((one) => void one.found(...what)),
    written: (...what) => observers.forEach((one) => void one.written(...what)),
    dropped: (...what) => observers.forEach((one) => void one.dropped(...what)),
    notWritten: (...what) => observers.forEach((one) => void one.notWritten(...what)),
    listed: (...what) => observers.forEach((one) => void one.listed(...what)),
    disconnected: (...what) => observers.forEach((one) => void one.disconnected(...what)),
    reconnected: (...what) => observers.forEach((one) => void one.reconnected(...what)),
    notStored: (...what) => observers.forEach((one) => void one.notStored(...what)),
    lost: (...what) => observers.forEach((one) => void one.lost(...what)),
  };
}
