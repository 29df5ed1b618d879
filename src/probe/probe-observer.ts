import type { KevError } from "../util/errors.ts";
import type { ProbeReason } from "./probe-events.ts";
import type { StateChange } from "./probe-state.ts";
import type { Subject } from "./subject.ts";
import type { CheckResult, ProbeTarget, SeenCertificate } from "./target.ts";

/** Told what a probe does: for metrics and the log. Each call is cheap and does not throw. */
export interface ProbeObserver {
  /** A target is probed from now on; `isDown`: an earlier run has left its outage open. */
  added(target: ProbeTarget, isDown: boolean): void;
  /** It is probed no more; an outage of it stays without an end. */
  removed(target: ProbeTarget, isDown: boolean): void;
  checked(target: ProbeTarget, result: CheckResult, change: StateChange): void;
  /** A certificate has less time left than was asked for; told once for each certificate. */
  expiring(target: ProbeTarget, certificate: SeenCertificate): void;
  /** An event was written, or counted up. */
  written(target: ProbeTarget, reason: ProbeReason): void;
  /** An event could not be written and is tried again in `retryIn` milliseconds. Nothing is lost. */
  notWritten(target: ProbeTarget, reason: ProbeReason, error: KevError, retryIn: number): void;
  /** Events that will not be written: the probe ends, or too many outages wait. */
  lost(target: ProbeTarget, reason: ProbeReason, events: number): void;
  /** It is not there, now or from the start on: what is to be written about it waits. */
  gone(subject: Subject): void;
  back(subject: Subject, isNew: boolean): void;
  /** Parts of an Ingress that cannot be probed, and why. */
  skipped(subject: Subject, part: string): void;
  /** Following an Ingress failed and is tried again in `retryIn` milliseconds. */
  disconnected(subject: Subject, error: KevError, retryIn: number): void;
}

/** How a probe stands, asked for at each look at the metrics. */
export interface ProbeStatus {
  readonly targets: readonly TargetStatus[];
  /** False before each target was checked once. */
  readonly isReady: boolean;
  /** What keeps events from being written; undefined while they are. */
  readonly problem: string | undefined;
}

export interface TargetStatus {
  readonly name: string;
  /** Undefined before it is known. */
  readonly isUp: boolean | undefined;
  /** Of the outage that goes on. */
  readonly downSince: Date | undefined;
  readonly last: CheckResult | undefined;
  /** Occurrences that wait to be written. */
  readonly waiting: number;
}
