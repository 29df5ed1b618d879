import { timeText } from "../events/age.ts";
import { checkText } from "../probe/probe-events.ts";
import type { ProbeObserver } from "../probe/probe-observer.ts";
import type { KevError } from "../util/errors.ts";
import type { Log } from "./log.ts";
import { secondsText } from "./log-text.ts";

/** Writes what changes into the log; single checks are left to the metrics, but for those that count for an outage. */
export function createProbeLog(log: Log): ProbeObserver {
  /** What cannot be written is said once for each target and cause, though it is tried again and again. */
  const failing = new Map<string, string>();
  return {
    added: ({ name, url }, isDown) =>
      log("info", isDown ? "an outage goes on" : "a target is probed", {
        target: name,
        url: name === url.shown ? undefined : url.shown,
      }),
    removed: ({ name }, isDown) => {
      failing.delete(name);
      if (isDown) log("warn", "a target in an outage is probed no more", { target: name });
      else log("info", "a target is probed no more", { target: name });
    },
    checked: ({ name }, result, { type }) => {
      const seen = checkText(result);
      if (type === "went-down") log("warn", "a target is down", { target: name, seen });
      else if (type === "recovered") log("info", "a target is up again", { target: name, seen });
      else if (type === "came-up") log("info", "a target is up", { target: name, seen });
      else if (type === "none" && result.outcome !== "ok") log("warn", "a check failed", { target: name, seen });
    },
    expiring: ({ name }, { expiresAt }) =>
      log("warn", "a certificate runs out", { target: name, expires: timeText(expiresAt) }),
    written: ({ name }) => {
      if (failing.delete(name)) log("info", "events are written again", { target: name });
    },
    notWritten: ({ name }, reason, error, retryIn) => {
      if (failing.get(name) === error.message) return;
      failing.set(name, error.message);
      log("warn", "an event could not be written, which is tried again", {
        ...{ target: name, reason, error: textOf(error), retryIn: secondsText(retryIn) },
      });
    },
    lost: ({ name }, reason, occurrences) =>
      log("error", "no event tells of this", { target: name, reason, occurrences: String(occurrences) }),
    gone: ({ shown }) => log("warn", "the object is not there", { object: shown }),
    back: ({ shown }, isNew) =>
      log("info", isNew ? "there is another object of the name" : "the object is there again", { object: shown }),
    skipped: ({ shown }, part) => log("warn", "this cannot be probed", { object: shown, part }),
    disconnected: ({ shown }, error, retryIn) =>
      log("warn", "following the object failed", {
        object: shown,
        error: textOf(error),
        retryIn: secondsText(retryIn),
      }),
  };
}

function textOf({ message, hint }: KevError): string {
  return hint === undefined ? message : `${message}; ${hint.split("\n")[0]}`;
}
