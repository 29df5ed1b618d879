import type { KubeEvent, ObjectReference } from "../events/event.ts";
import type { StoreIdentity } from "../store/check-identity.ts";
import type { Author, EntryTimes } from "./who-changed.ts";

/** A trimmed object, and the number of the visibility under which it was trimmed. */
export interface KeptState {
  readonly object: Record<string, unknown>;
  readonly visibility: number;
}

/** Changes of an object that are to be one event. */
export interface ChangeGroup {
  /** Milliseconds since 1970 when it is to be written. */
  readonly dueAt: number;
  /** Milliseconds since 1970 when kev saw the first of them. */
  readonly seenAt: number;
  /** Milliseconds since 1970 when the last of them happened. */
  readonly at: number;
  /** Who made the object, where it is new. */
  readonly creators?: readonly Author[] | undefined;
  /** The newest state. */
  readonly current: KeptState;
  /** Path → who changed it last. */
  readonly authors: Readonly<Record<string, readonly Author[]>>;
}

/** What is known of an object that is there. */
export interface KnownObject {
  /** `deployments.apps`. */
  readonly type: string;
  readonly uid: string;
  /** How events name it; with the newest resourceVersion. */
  readonly reference: ObjectReference;
  /** As it is told already: what it was at first, or at its last event. */
  readonly base: KeptState;
  /** Of the newest state. */
  readonly times: EntryTimes;
  readonly group?: ChangeGroup | undefined;
}

/** An event that is to be written. */
export interface OutboxEntry {
  /** Order of the outbox; counts up from 1 without end. */
  readonly sequence: number;
  /** Under the name that it will have, however often it is sent. */
  readonly event: KubeEvent;
  /** Milliseconds since 1970 when kev saw what it is about. */
  readonly seenAt: number;
}

/** Everything that one step changes; stored whole or not at all. */
export interface TrackChange {
  readonly known?: readonly KnownObject[];
  readonly forgotten?: readonly Pick<KnownObject, "type" | "uid">[];
  readonly queued?: readonly OutboxEntry[];
  /** Sequences of events that are written, or given up. */
  readonly sent?: readonly number[];
  /** Type → resourceVersion up to which everything is taken in. */
  readonly marks?: Readonly<Record<string, string>>;
  /** All of them. */
  readonly followedAt?: TrackState["followedAt"];
  readonly identity?: TrackIdentity;
  /** All of them, the new ones last. */
  readonly visibilities?: readonly string[];
  readonly hashKey?: string;
}

/** Milliseconds since 1970. */
export interface DueTimes {
  /** Due at that time or before. */
  readonly until: number;
  /** Also what is due later than that, under a clock that was set back since. Default: nothing. */
  readonly beyond?: number | undefined;
}

export interface TrackIdentity extends StoreIdentity {
  /** Label selector; empty: all objects. */
  readonly selector: string;
}

export interface TrackState {
  readonly identity: TrackIdentity | undefined;
  readonly marks: Readonly<Record<string, string>>;
  /** Type → milliseconds since 1970 when it was followed last without a gap, by kev's clock. */
  readonly followedAt: Readonly<Record<string, number>>;
  readonly visibilities: readonly string[];
  /** Of the hashes of what is not kept; undefined for a new store. */
  readonly hashKey: string | undefined;
  /** Of the newest event ever queued; 0: none. */
  readonly lastSequence: number;
}

/**
 * What a tracker remembers between its runs. Only one may use a store at a time.
 *
 * @throws every method: StoreError; nothing of a change that failed is stored
 */
export interface TrackStore {
  /** False: forgotten with the process. */
  readonly isKept: boolean;
  load(): Promise<TrackState>;
  /** Durable when it resolves. */
  commit(change: TrackChange): Promise<void>;
  known(type: string, uid: string): Promise<KnownObject | undefined>;
  /** Uids of the known objects of a type in their order, behind `after`, at most so many. */
  uidsAfter(type: string, after: string, limit: number): Promise<readonly string[]>;
  /** Objects whose group is due then, the first due first. */
  due(times: DueTimes, limit: number): Promise<readonly KnownObject[]>;
  /** How many groups there are, and when the first of them is due. */
  groups(): Promise<{ readonly count: number; readonly firstDueAt: number | undefined }>;
  /** Events behind `after`, in order. */
  outbox(after: number, limit: number): Promise<readonly OutboxEntry[]>;
  /** How many events wait, and since when the oldest of them does. */
  waiting(): Promise<{ readonly count: number; readonly oldestAt: number | undefined }>;
  close(): Promise<void>;
}
