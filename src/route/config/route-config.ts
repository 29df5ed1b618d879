import type { Delivery } from "../../sinks/delivery.ts";
import type { BatchLimits } from "../../sinks/sink.ts";

/** A checked routing file: every value filled in, every secret resolved. */
export interface RouteConfig {
  /** `cluster`: name of the cluster on every delivery. */
  readonly cluster: string | undefined;
  /** `objects`: whether objects are read for their labels, annotations and owners, and how many are remembered. */
  readonly objects: ObjectsConfig;
  readonly routes: readonly RouteNode[];
  readonly sinks: readonly SinkConfig[];
  /** What `fromEnv` and `fromFile` gave: never to be shown. */
  readonly secrets?: readonly string[];
}

export interface ObjectsConfig {
  /** True also when a route asks for labels, annotations or owners. */
  readonly read: boolean;
  /** `read: true`: the objects of all events that go to a sink are read, for payloads; else where a route asks. */
  readonly always?: boolean;
  /** Objects remembered. Default 1000. */
  readonly cache: number;
  /** Milliseconds after which an object is read again. Default 5 min. */
  readonly maxAge: number;
}

/** A node of the tree: who enters it is sent to its sinks, and goes on to each of its routes. */
export interface RouteNode {
  /** Stable between runs: `name` in the file, else its path, `routes[0].routes[1]`. */
  readonly name: string;
  /** Enters it: what satisfies one of these rules; everything where there are none. */
  readonly match: readonly Rule[];
  /** … and none of these. */
  readonly drop: readonly Rule[];
  readonly sinks: readonly string[];
  /** What of an event that is counted up goes to the node's sinks. Its routes decide for themselves. */
  readonly repeats: Repeats;
  readonly routes: readonly RouteNode[];
}

/** `all`, `first` (never again), or at most one each so many milliseconds, with the occurrences in between as its delta. */
export type Repeats = "all" | "first" | { readonly every: number };

/** All of its conditions hold. */
export interface Rule {
  readonly conditions: readonly Condition[];
}

export interface Condition {
  /** As the file names it: `reason`, `labels.app`. */
  readonly field: string;
  /** What it wants, as the file says it. */
  readonly wanted: string;
  /** Whether it needs the object. */
  readonly needsObject: boolean;
  test(candidate: Delivery): boolean;
  /** What the event has there, for `kev route test`. */
  found(candidate: Delivery): string;
}

/** One entry of `sinks`. */
export interface SinkConfig {
  /** Its key. */
  readonly name: string;
  readonly type: string;
  /** The members that belong to its type, checked by the type's schema. */
  readonly options: unknown;
  readonly delivery: DeliveryPolicy;
}

/** What is wrapped around a sink. */
export interface DeliveryPolicy {
  readonly batch: BatchLimits;
  /** Milliseconds for one send. Default 30 s. */
  readonly timeout: number;
  readonly retry: {
    /** Milliseconds, doubled from one try to the next. Default 500 ms and 1 min. */
    readonly first: number;
    readonly longest: number;
    /** Milliseconds after the first failure after which a batch goes to the fallback; undefined: tried for ever. */
    readonly giveUpAfter: number | undefined;
  };
  /** Sink for what the receiver refuses for good, and for what was given up. */
  readonly fallback: string | undefined;
  /** File for the same, where there is no fallback, or that refuses too. Absolute; default none; JSON lines. */
  readonly deadLetters: string | undefined;
  readonly queue: {
    /** Most events and bytes that wait for this sink on disk. Default 1 000 000 and 1 GiB. */
    readonly events: number;
    readonly bytes: number;
    /** `wait`: nothing more is read from the server until there is room. `drop`: what comes is dropped, and counted. */
    readonly onFull: "wait" | "drop";
  };
}
