import type { SteadyClock } from "../util/clock.ts";
import type { Limiter } from "../util/limiter.ts";
import { createOutageReporter, type OutageReporterOptions } from "./outage-reporter.ts";
import type { TargetStatus } from "./probe-observer.ts";
import { initialState, type Outage, stepState, type TargetState } from "./probe-state.ts";
import type { Check, CheckResult, SeenCertificate } from "./target.ts";

export interface RunTargetOptions extends OutageReporterOptions {
  readonly check: Check;
  /** Shared by all targets: checks under way. */
  readonly limitChecks: Limiter;
  readonly clock: SteadyClock;
  /** Milliseconds until the first check, so that many do not begin together. */
  readonly delay: number;
}

export interface RunningTarget {
  readonly status: TargetStatus;
  /** While it is down. */
  readonly outage: Outage | undefined;
  readonly problem: Error | undefined;
  /** Ends the checks; then what waits to be written has until `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
  /** Rejects when something is wrong with kev itself. */
  readonly ended: Promise<void>;
}

/** Milliseconds until a certificate that runs out is told of again: its event would expire after an hour. */
const expiryRepeat = 30 * 60_000;

/** Checks a target again and again until it is stopped. */
export function runTarget(options: RunTargetOptions): RunningTarget {
  const { target, check, limitChecks, clock, observer, random } = options;
  const { settings } = target;
  const stopping = new AbortController();
  const reporter = createOutageReporter(options);
  let state: TargetState = initialState(options.open);
  let last: CheckResult | undefined;
  let expiring: { fingerprint: string; toldAt: number } | undefined;

  function take(result: CheckResult): void {
    last = result;
    const at = result.at.getTime();
    const step = stepState(state, { isGood: result.outcome === "ok", at }, settings);
    state = step.state;
    observer.checked(target, result, step.change);
    if (step.change.type === "went-down" || step.change.type === "still-down") {
      reporter.failed(step.change.outage, result);
    } else if (step.change.type === "recovered") {
      reporter.recovered(step.change.outage, result, step.change.at);
    }
    if (result.certificate) look(result.certificate, at);
  }

  function look(certificate: SeenCertificate, at: number): void {
    const { fingerprint, expiresAt } = certificate;
    const { certificateExpiry } = settings;
    if (certificateExpiry === 0 || expiresAt.getTime() - at >= certificateExpiry) return;
    const isKnown = expiring?.fingerprint === fingerprint;
    const now = clock.elapsed();
    if (isKnown && now - (expiring?.toldAt ?? 0) < expiryRepeat) return;
    expiring = { fingerprint, toldAt: now };
    if (!isKnown) observer.expiring(target, certificate);
    reporter.expiring(certificate, at);
  }

  async function run(): Promise<void> {
    const { signal } = stopping;
    await clock.sleep(options.delay, signal);
    for (;;) {
      const begun = clock.elapsed();
      take(await limitChecks(() => check(signal)));
      const jitter = settings.jitter ?? settings.interval / 10;
      const taken = clock.elapsed() - begun;
      await clock.sleep(Math.max(0, settings.interval + jitter * random() - taken), signal);
    }
  }

  const ended = run().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    get status() {
      const { isUp, outage } = state;
      const downSince = outage && new Date(outage.since);
      return { name: target.name, isUp, downSince, last, waiting: reporter.waiting };
    },
    get outage() {
      return state.outage;
    },
    get problem() {
      return reporter.problem;
    },
    ended,
    stop: async (signal) => {
      stopping.abort();
      await ended.catch(() => undefined);
      await reporter.end(signal);
    },
  };
}
