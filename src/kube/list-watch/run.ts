import { type Clock, systemClock } from "../../util/clock.ts";
import type { StreamingConnection } from "../connect.ts";
import type { Selection } from "./list-pages.ts";
import type { WatchedObject } from "./list-watch-step.ts";
import { createProgress, type Progress } from "./progress.ts";

export interface ListWatchOptions extends Selection {
  /** Ends it, quietly. Leaving the loop is the only other end. */
  signal: AbortSignal;
  clock?: Clock | undefined;
  /** 0 ≤ x < 1; default Math.random. */
  random?: (() => number) | undefined;
  /** Items in a page; 0: all in one. Default 1000. */
  pageSize?: number | undefined;
  /**
   * resourceVersion of this very cluster up to which the caller has everything: it is watched from there, and only when
   * the server no longer knows what came after, its list yields what is newer. Default: everything is listed first.
   */
  from?: string | undefined;
  /**
   * Whether deleted objects are reported, which keeps name, uid and version of each object; `watched`: only those whose
   * deletion a watch shows, which keeps nothing. Default false.
   */
  deletions?: boolean | "watched" | undefined;
  /** Whether lists also yield the objects that the caller has already, so that it knows which are there. Default false. */
  present?: boolean | undefined;
  /**
   * Whether everything is listed again after each failed watch, not only where the server's history may have ended: the
   * `synced` step then says that nothing of the gap is missing. Default false.
   */
  listAfterFailure?: boolean | undefined;
  /**
   * Told that the server has accepted a watch (which may still say that it cannot go on), and that it has ended one in
   * time: then everything up to now has been yielded.
   */
  onWatch?: ((state: "accepted" | "ended") => void) | undefined;
  /** Told before a list is asked for, from its start: it will show what is there then, or later. */
  onList?: (() => void) | undefined;
  /**
   * Milliseconds, at most, that a watch is left alone after it brought changes, so that those that come quickly are handed on
   * together: the more came, the longer. Default 0: each at once.
   */
  rest?: number | undefined;
  /** Seconds after which the server ends each watch: at least and at most. Default 60 and 120. */
  watchSeconds?: readonly [number, number] | undefined;
  /** Seconds that the server's end of a watch may be late before its connection counts as dead. Default 15. */
  graceSeconds?: number | undefined;
  /** Seconds within which a page of a list must be whole. Default 120, twice what the API server gives itself. */
  pageSeconds?: number | undefined;
}

/** One list-watch: what it was asked to do, and how far it is. */
export interface Run<T extends WatchedObject> extends Selection {
  readonly connection: StreamingConnection;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: () => number;
  readonly pageSize: number;
  readonly listAfterFailure: boolean;
  readonly rest: number;
  readonly watchSeconds: readonly [number, number];
  readonly graceSeconds: number;
  readonly pageSeconds: number;
  readonly onWatch: (state: "accepted" | "ended") => void;
  readonly onList: () => void;
  readonly progress: Progress<T>;
}

export function createRun<T extends WatchedObject>(connection: StreamingConnection, options: ListWatchOptions): Run<T> {
  const { from, deletions = false, present = false } = options;
  return {
    connection,
    path: options.path,
    fieldSelector: options.fieldSelector,
    labelSelector: options.labelSelector,
    signal: options.signal,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    // 10,000 events in a namespace (11 MB, 1 MB packed) took 470 ms in pages of 500, 364 of 1,000, 336 of 2,500 and 300 as a
    // whole, and the first came after 39, 33, 72 and 300 ms: beyond 1,000 little is won, and memory and the wait grow.
    pageSize: options.pageSize ?? 1_000,
    listAfterFailure: options.listAfterFailure ?? false,
    rest: options.rest ?? 0,
    // Watches of events are served by etcd, without bookmarks: nothing tells a silent link from a quiet namespace. That the
    // server ends each watch in time is what proves it alive, so the time is short.
    watchSeconds: options.watchSeconds ?? [60, 120],
    graceSeconds: options.graceSeconds ?? 15,
    pageSeconds: options.pageSeconds ?? 120,
    onWatch: options.onWatch ?? (() => undefined),
    onList: options.onList ?? (() => undefined),
    // A watch from "0" would begin anywhere.
    progress: createProgress<T>(from === "" || from === "0" ? undefined : from, { deletions, present }),
  };
}
