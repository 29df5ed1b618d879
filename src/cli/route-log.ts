import type { RouteObserver } from "../route/route-observer.ts";
import type { Log } from "./log.ts";
import { errorText, secondsText } from "./log-text.ts";

/** Writes what goes wrong, and what is right again, into the log; what is usual is left to the metrics. */
export function createRouteLog(log: Log): RouteObserver {
  const failing = new Set<string>();
  return {
    taken: () => undefined,
    present: () => undefined,
    forgotten: () => undefined,
    sent: (sink) => {
      if (failing.delete(sink)) log("info", "a sink takes deliveries again", { sink });
    },
    retried: (sink, error, retryIn) => {
      failing.add(sink);
      log("warn", "a sink did not take deliveries", { sink, error: errorText(error), retryIn: secondsText(retryIn) });
    },
    fellBack: (sink, deliveries, reason) =>
      log("warn", "deliveries went to the fallback", { sink, deliveries: String(deliveries), reason }),
    deadLettered: (sink, deliveries, reason) =>
      log("error", "deliveries went to the dead letters", { sink, deliveries: String(deliveries), reason }),
    dropped: (sink, deliveries, reason) =>
      log("error", "deliveries were dropped", { sink, deliveries: String(deliveries), reason }),
    listed: (cause) => log("info", "all events were listed", { cause }),
    disconnected: (during, error, retryIn) =>
      log("warn", "reading failed", { during, error: errorText(error), retryIn: secondsText(retryIn) }),
    reconnected: () => log("info", "the watch goes on"),
    notStored: (error, retryIn) => {
      log("error", "the state cannot be read or written, so nothing goes on", {
        error: errorText(error),
        hint: error.hint,
        retryIn: secondsText(retryIn),
      });
    },
    gap: (from, to) =>
      log("error", "events may have expired before they were seen", {
        from: from.toISOString(),
        to: to.toISOString(),
      }),
  };
}
