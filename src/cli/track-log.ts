import { ApiError } from "../kube/api-error.ts";
import type { TrackObserver } from "../track/track-observer.ts";
import type { Log } from "./log.ts";
import { errorText, secondsText } from "./log-text.ts";

/** Writes what goes wrong, and what is right again, into the log; what is usual is left to the metrics. */
export function createTrackLog(log: Log): TrackObserver {
  /** Types that the server does not serve any more; said once. */
  const gone = new Set<string>();
  return {
    found: () => undefined,
    written: () => undefined,
    dropped: (event, error) => {
      const { kind = "", name = "", namespace } = event.involvedObject;
      log("error", "the API server has refused an event, which is lost", {
        object: `${kind}/${name}`,
        namespace,
        reason: event.reason,
        error: errorText(error),
      });
    },
    notWritten: (error, retryIn) =>
      log(error.kind === "refused" ? "error" : "warn", "an event cannot be written yet", {
        error: errorText(error),
        hint: error.hint,
        retryIn: secondsText(retryIn),
      }),
    listed: (type, cause) => {
      gone.delete(type);
      log("info", "all objects were listed", { type, cause });
    },
    disconnected: (type, during, error, retryIn) => {
      if (error instanceof ApiError && error.httpStatus === 404) {
        if (!gone.has(type)) log("error", "the server does not serve this type any more; the others go on", { type });
        gone.add(type);
        return;
      }
      log("warn", "reading failed", { type, during, error: errorText(error), retryIn: secondsText(retryIn) });
    },
    reconnected: (type) => {
      gone.delete(type);
      log("info", "the watch goes on", { type });
    },
    notStored: (error, retryIn) =>
      log("error", "the state cannot be read or written, so nothing goes on", {
        error: errorText(error),
        hint: error.hint,
        retryIn: secondsText(retryIn),
      }),
    lost: (events) => log("error", "events were not written before the end, and are lost", { events: String(events) }),
  };
}
