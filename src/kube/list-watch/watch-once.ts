import { asKevError } from "../../util/as-kev-error.ts";
import type { KevError } from "../../util/errors.ts";
import { UnreachableError } from "../unreachable-error.ts";
import type { ChangeStep, WatchedObject } from "./list-watch-step.ts";
import { isGone, isMisunderstood } from "./refusals.ts";
import type { Run } from "./run.ts";
import { openWatch, type Watch } from "./watch-stream.ts";

/** How a watch ended. `worked`: it brought something, or stood for a second. */
export type WatchEnd = { worked: boolean } & (
  | { type: "ended" }
  /** The history since the mark is forgotten. */
  | { type: "expired"; error: KevError }
  /** May go on from the mark. */
  | { type: "cut"; error: KevError }
  /** It brought what cannot be read. */
  | { type: "unreadable"; error: KevError }
  /** The server says that it cannot go on. */
  | { type: "lost"; error: KevError }
);

/** One watch from the mark to its end, whatever ends it. */
export async function* watchOnce<T extends WatchedObject>(
  run: Run<T>,
): AsyncGenerator<readonly ChangeStep<T>[], WatchEnd> {
  const { connection, progress, rest, signal, clock } = run;
  const [least, most] = run.watchSeconds;
  const seconds = least + Math.floor(run.random() * (most - least + 1));
  const idle = (seconds + run.graceSeconds) * 1_000;
  let opened: { watch: Watch<T>; at: number } | undefined;
  let fruitful = false;
  const worked = (): boolean => fruitful || (opened !== undefined && clock.now().getTime() - opened.at >= 1_000);
  try {
    const request = { resourceVersion: progress.mark ?? "", seconds, idle, rest, signal, clock };
    opened = { watch: await openWatch<T>(connection, run, request), at: clock.now().getTime() };
    run.onWatch("accepted");
    for await (const events of opened.watch.events) {
      const steps: ChangeStep<T>[] = [];
      for (const event of events) {
        if (event.type === "ERROR") {
          if (steps.length > 0) yield steps;
          const { error } = event;
          return { type: isGone(error) ? "expired" : "lost", error, worked: worked() };
        }
        fruitful = true;
        if (event.type === "BOOKMARK") progress.bookmark(event.resourceVersion);
        else steps.push(...progress.watched(event.type, event.object));
      }
      if (steps.length > 0) yield steps;
    }
    if (worked()) run.onWatch("ended");
    return { type: "ended", worked: worked() };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = asKevError(thrown);
    if (opened) {
      return { type: error instanceof UnreachableError ? "cut" : "unreadable", error, worked: worked() };
    }
    return { type: isGone(error) ? "expired" : isMisunderstood(error) ? "lost" : "cut", error, worked: false };
  } finally {
    opened?.watch.close();
  }
}
