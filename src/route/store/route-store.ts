import type { Delivery } from "../../sinks/delivery.ts";
import type { StoreIdentity } from "../../store/check-identity.ts";

export type { StoreIdentity };

/** What the router knows of an event that is there. */
export interface KnownEvent {
  uid: string;
  /** The newest state that was taken in. */
  resourceVersion: string;
  /** Occurrences in all: those were delivered, or are in the queue. */
  count: number;
  /** Milliseconds since 1970 when it was taken in. */
  seenAt: number;
}

/** A delivery in the queue. */
export interface QueuedDelivery {
  /** Order of the queue; counts up from 1 without end. */
  readonly sequence: number;
  readonly delivery: Delivery;
  /** Milliseconds since 1970 when it was queued. */
  readonly at: number;
  /** Sink → delta for this sink: `repeats` may add up several changes. */
  readonly targets: Readonly<Record<string, number>>;
  /** Of the delivery as JSON. */
  readonly bytes: number;
}

/** How far the router is; members that are undefined are not known yet. */
export interface Checkpoint {
  /** Every change up to this resourceVersion is taken in. */
  mark?: string;
  /** Milliseconds since 1970 when the watch was last known to be alive. */
  aliveAt?: number;
}

/** What a route remembers of an event that is counted up; forgotten with the event. */
export interface Repeat {
  readonly uid: string;
  readonly route: string;
  /** Milliseconds since 1970 when the route last let the event through. */
  readonly at: number;
  /** Occurrences that it has held back since. */
  readonly held: number;
}

/** Everything that one step of the router changes; stored whole or not at all. */
export interface StoreChange {
  readonly known?: readonly KnownEvent[];
  readonly forgotten?: readonly string[];
  readonly queued?: readonly QueuedDelivery[];
  /** Sink → sequence up to which it has taken everything. What no sink waits for any more is let go. */
  readonly cursors?: Readonly<Record<string, number>>;
  /** Sinks that are no more: nothing waits for them, as for any sink without a cursor. */
  readonly removed?: readonly string[];
  readonly repeats?: readonly Repeat[];
  readonly checkpoint?: Checkpoint;
  readonly identity?: StoreIdentity;
}

export interface StoreState {
  readonly checkpoint: Checkpoint;
  /** Sequence of the newest delivery ever queued; 0: none. */
  readonly lastSequence: number;
  readonly cursors: Readonly<Record<string, number>>;
  /** What the store is about, as it was first opened; undefined for a new store. */
  readonly identity: StoreIdentity | undefined;
}

/** How much of a queue is read at once. */
export interface PageLimit {
  readonly events: number;
  /** Of the deliveries as JSON. */
  readonly bytes: number;
}

/** What waits for a sink. */
export interface Backlog {
  readonly events: number;
  /** Of the deliveries as JSON. */
  readonly bytes: number;
  /** Milliseconds since 1970 when the oldest of them was queued. */
  readonly oldestAt: number;
}

/**
 * What a router remembers between its runs. Only one router may use a store at a time.
 *
 * @throws every method: StoreError; nothing of a change that failed is stored
 */
export interface RouteStore {
  /** False: forgotten with the process. */
  readonly isKept: boolean;
  load(): Promise<StoreState>;
  /** Durable when it resolves. */
  commit(change: StoreChange): Promise<void>;
  /** Those of the uids that are known. */
  known(uids: readonly string[]): Promise<ReadonlyMap<string, KnownEvent>>;
  /** Known events in the order of their uids, behind `after`, at most so many. */
  knownAfter(after: string, limit: number): Promise<readonly KnownEvent[]>;
  repeat(uid: string, route: string): Promise<Repeat | undefined>;
  /** Deliveries for the sink behind `after`, in order: the first, and others as long as the limit holds. */
  queued(sink: string, after: number, limit: PageLimit): Promise<readonly QueuedDelivery[]>;
  /** Sink → what waits for it behind its cursor; sinks for which nothing waits are left out. */
  backlog(): Promise<ReadonlyMap<string, Backlog>>;
  close(): Promise<void>;
}

/** How many of the entries fit into the limit, at least the first. */
export function fitting(entries: readonly { readonly bytes: number }[], { events, bytes }: PageLimit): number {
  let total = 0;
  const end = entries.findIndex((entry, index) => {
    total += entry.bytes;
    return index >= events || (index > 0 && total > bytes);
  });
  return end === -1 ? entries.length : end;
}
