import { failed } from "./failed.ts";
import { listPage } from "./list-pages.ts";
import type { ListCause, ListWatchStep, WatchedObject } from "./list-watch-step.ts";
import { isGone, isMisunderstood } from "./refusals.ts";
import type { RetryDelays } from "./retry-delays.ts";
import type { Run } from "./run.ts";

/** Lists until a list is complete; yields what is new in it, page by page. */
export async function* listAll<T extends WatchedObject>(
  run: Run<T>,
  cause: ListCause,
  delays: RetryDelays,
): AsyncGenerator<readonly ListWatchStep<T>[], void> {
  const { connection, progress, pageSize, signal } = run;
  const timeout = run.pageSeconds * 1_000;
  let token: string | undefined;
  let resourceVersion = "";
  let restarts = 0;
  for (;;) {
    let page: Awaited<ReturnType<typeof listPage<T>>>;
    if (token === undefined) run.onList();
    try {
      page = await listPage<T>(connection, run, { pageSize, token, timeout, signal });
    } catch (error) {
      signal.throwIfAborted();
      // The pages' snapshot has been forgotten; a new one is listed from its start. Any other failure concerns the page.
      const isForgotten = token !== undefined && isGone(error);
      if (isForgotten || isMisunderstood(error)) token = undefined;
      if (isForgotten && restarts++ === 0) continue;
      yield* failed(run, "list", error, delays, progress.mark !== undefined || token !== undefined);
      continue;
    }
    if (token === undefined) {
      resourceVersion = page.resourceVersion;
      progress.beginList(resourceVersion);
    } else if (restarts === 0) {
      delays.reset();
    }
    yield page.items.flatMap((item) => progress.listed(item));
    token = page.next;
    if (token !== undefined) continue;
    yield [...progress.endList(), { type: "synced", resourceVersion, cause }];
    delays.reset();
    return;
  }
}
