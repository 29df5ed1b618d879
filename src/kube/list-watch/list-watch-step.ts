import type { ObjectMeta } from "../../events/event.ts";
import type { KevError } from "../../util/errors.ts";

/** What can be listed and watched: KubeObject, KubeEvent and their like. */
export interface WatchedObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** Why there was a list: it is the first, the watch had fallen behind the server's history, or the watch was broken. */
export type ListCause = "start" | "expired" | "error";

/**
 * What is new about an object. `listed`: it was found by a list, added or modified since the last one. `present`: a list
 * shows it in the state that the caller has; only with `present`.
 */
export interface ChangeStep<T> {
  type: "change";
  /** apiVersion and kind included. */
  object: T;
  change: "listed" | "present" | "added" | "modified" | "deleted";
}

/** A list is complete: all that is or was in it has been yielded. */
export interface SyncedStep {
  type: "synced";
  /** The list's: who has handled all steps so far may go on `from` here. */
  resourceVersion: string;
  cause: ListCause;
}

/** Something went wrong and is tried again. Nothing is lost by it. */
export interface FailedStep {
  type: "failed";
  /** `owners`: what the objects that came belong to was asked for. */
  during: "list" | "watch" | "owners";
  error: KevError;
  /** True when one like it has worked before: what is refused from the first will be refused for ever. */
  hasWorked: boolean;
  /** Milliseconds until the next try, from when the caller asks for the next step. */
  retryIn: number;
}

export type ListWatchStep<T extends WatchedObject> = ChangeStep<T> | SyncedStep | FailedStep;
