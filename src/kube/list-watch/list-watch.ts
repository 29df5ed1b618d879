import type { KubeObject } from "../../events/event.ts";
import type { StreamingConnection } from "../connect.ts";
import { failed } from "./failed.ts";
import { listAll } from "./list-all.ts";
import type { ListCause, ListWatchStep, WatchedObject } from "./list-watch-step.ts";
import { createRetryDelays } from "./retry-delays.ts";
import { createRun, type ListWatchOptions, type Run } from "./run.ts";
import { watchOnce } from "./watch-once.ts";

export type { ListWatchStep, WatchedObject } from "./list-watch-step.ts";
export type { ListWatchOptions } from "./run.ts";

/**
 * A list, and a watch that goes on from it, for ever: through lost connections, restarts of the API server and a forgotten
 * history. Each state of an object that a list or a watch shows is yielded once; states that came and went while nothing
 * was connected and the server's history was too short are the only ones that are not. Nothing is read ahead.
 *
 * Never throws and never ends of itself. Failures are steps, and which of them are final is the caller's judgement: before
 * the first `synced` step most callers will want to end on an error of kind `refused`, `not-found` or `usage`, and on an
 * `UnreachableError` that is not `retriable`, since none of them mends itself.
 *
 * With `deletions`, an object whose deletion nobody saw is reported after a list, cut down to apiVersion, kind and
 * metadata's name, namespace, uid and last resourceVersion; objects from before `from` only once a list has shown them. That
 * a server's store was set back to an older copy is noticed by the next list, which then yields all there is.
 *
 * @param options `path` is the collection's: `/api/v1/namespaces/prod/events`
 *
 * Needs list and watch.
 */
export async function* listWatch<T extends WatchedObject = KubeObject>(
  connection: StreamingConnection,
  options: ListWatchOptions,
): AsyncGenerator<ListWatchStep<T>, void> {
  for await (const group of listWatchGroups<T>(connection, options)) {
    for (const step of group) {
      yield step;
      if (options.signal.aborted) return;
    }
  }
}

/**
 * The same in groups of what came together: the items of a page, or the lines of a watch that were there. Each step by
 * itself takes about as long to hand through the generators as to parse. Groups may be empty.
 */
export async function* listWatchGroups<T extends WatchedObject = KubeObject>(
  connection: StreamingConnection,
  options: ListWatchOptions,
): AsyncGenerator<readonly ListWatchStep<T>[], void> {
  const { signal } = options;
  if (signal.aborted) return;
  try {
    for await (const group of groups<T>(createRun(connection, options))) {
      yield group;
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* groups<T extends WatchedObject>(run: Run<T>): AsyncGenerator<readonly ListWatchStep<T>[], never> {
  const { progress, clock, signal } = run;
  const listDelays = createRetryDelays(run.random);
  const watchDelays = createRetryDelays(run.random);
  let cause: ListCause | undefined = progress.mark === undefined ? "start" : undefined;
  let expirations = 0;
  let hasWatched = false;
  let unreadableMark: string | undefined;
  for (;;) {
    if (cause) yield* listAll(run, cause, listDelays);
    cause = undefined;

    const end = yield* watchOnce(run);
    hasWatched ||= end.worked;
    if (end.worked) {
      watchDelays.reset();
      expirations = 0;
    }
    if (end.type === "ended") {
      // Its time was up. A server that ends every watch at once is left in peace.
      if (!end.worked) await clock.sleep(watchDelays.next(), signal);
      continue;
    }
    if (end.type === "expired") {
      // No failure: where nothing happens to the watched objects no version comes in (there are no bookmarks for events)
      // while the rest of the cluster writes on, and after five minutes etcd forgets what lies between. What is newer than
      // the mark is found by a list. Only a server that says so again right after a list is left in peace for a while.
      cause = "expired";
      if (expirations++ === 0) continue;
    }
    yield* failed(run, "watch", end.error, watchDelays, hasWatched);
    if (end.type === "lost" || run.listAfterFailure) cause = "error";
    if (end.type === "unreadable") {
      // Once may be an accident on the way; what stands in the server's history would be met for ever.
      if (unreadableMark === progress.mark) cause = "error";
      unreadableMark = cause ? undefined : progress.mark;
    }
  }
}
