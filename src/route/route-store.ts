import type { Delivery } from "../sinks/delivery.ts";

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
  /** Order of the queue; counts up without end. */
  readonly sequence: number;
  readonly delivery: Delivery;
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

/** Everything that one step of the router changes; stored whole or not at all. */
export interface StoreChange {
  readonly known?: readonly KnownEvent[];
  readonly forgotten?: readonly string[];
  readonly queued?: readonly QueuedDelivery[];
  /** Sink → sequence up to which it has taken everything. */
  readonly cursors?: Readonly<Record<string, number>>;
  /** When a route last let an event through (`key` is route and uid), and what it has held back since. */
  readonly repeats?: readonly { readonly key: string; readonly at: number; readonly held: number }[];
  readonly checkpoint?: Checkpoint;
}

export interface StoreState {
  readonly checkpoint: Checkpoint;
  /** Sequence of the newest delivery ever queued; 0: none. */
  readonly lastSequence: number;
  readonly cursors: Readonly<Record<string, number>>;
  /** How many events are known. */
  readonly known: number;
}

/**
 * What a router remembers between its runs. Only one router may use a store at a time.
 *
 * @throws every method: KevError with what is wrong and, for a full disk, a hint; nothing of a change that failed is stored
 */
export interface RouteStore {
  load(): Promise<StoreState>;
  /** Durable when it resolves. */
  commit(change: StoreChange): Promise<void>;
  /** Those of the uids that are known. */
  known(uids: readonly string[]): Promise<ReadonlyMap<string, KnownEvent>>;
  /** uids of all events last seen before the time, in milliseconds since 1970. */
  knownBefore(seenAt: number): Promise<readonly string[]>;
  repeat(key: string): Promise<{ at: number; held: number } | undefined>;
  /** Deliveries for the sink behind `after`, in order, at most so many. */
  queued(sink: string, after: number, limit: number): Promise<readonly QueuedDelivery[]>;
  /** What waits for each sink behind its cursor. */
  backlog(): Promise<ReadonlyMap<string, { events: number; bytes: number; oldestAt: number | undefined }>>;
  close(): Promise<void>;
}
