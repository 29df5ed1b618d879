import { asKevError } from "../util/as-kev-error.ts";
import type { SteadyClock } from "../util/clock.ts";
import { createId } from "../util/create-id.ts";
import { KevError } from "../util/errors.ts";
import type { Limiter } from "../util/limiter.ts";
import { downEvent, expiringEvent, type ProbeEvent, probeReasons, upEvent } from "./probe-events.ts";
import type { ProbeObserver } from "./probe-observer.ts";
import type { OpenOutage, Outage } from "./probe-state.ts";
import type { Subject } from "./subject.ts";
import type { CheckResult, ProbeTarget, SeenCertificate } from "./target.ts";
import type { WriteProbeEvent } from "./write-probe-event.ts";

export interface OutageReporterOptions {
  readonly target: ProbeTarget;
  readonly subject: Subject;
  readonly write: WriteProbeEvent;
  /** Shared by all reporters: an outage of everything must not flood the API server. */
  readonly limit: Limiter;
  readonly observer: ProbeObserver;
  readonly clock: SteadyClock;
  /** Milliseconds, at least, from one count-up of an event to the next. */
  readonly writeEvery: number;
  /** An outage from before, whose failed checks are told of. */
  readonly open: OpenOutage | undefined;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
}

/** Gets what happens to a target into events, sooner or later: nothing of it waits for the API server. */
export interface OutageReporter {
  failed(outage: Outage, result: CheckResult): void;
  recovered(outage: Outage, result: CheckResult, at: number): void;
  expiring(certificate: SeenCertificate, at: number): void;
  /** Occurrences that wait to be written. */
  readonly waiting: number;
  /** What the last try failed of; undefined while all goes well. */
  readonly problem: KevError | undefined;
  /** Writes at once what waits; resolves when nothing does any more, or `signal` aborts. Nothing must be told after that. */
  end(signal: AbortSignal): Promise<void>;
}

/** An outage, and how much of it stands in events. */
interface Story {
  outage: Outage;
  result: CheckResult;
  /** Failed checks that are told of. */
  told: number;
  /** uid of the object that they are told on. */
  uid: string | undefined;
  end: { result: CheckResult; at: number } | undefined;
}

/** A write under way or to be tried again: it stays what it is, so that one whose answer was lost is not counted twice. */
interface Write {
  event: ProbeEvent;
  occurrence: string;
  uid: string | undefined;
  done(uid: string | undefined): void;
}

const unknown = { failures: 0, toldOn: undefined };
/** Earlier than any time. */
const atOnce = Number.NEGATIVE_INFINITY;
/** Outages of one target that wait for the API server; those before are given up. */
const mostStories = 100;
/** Milliseconds between tries. */
const [firstRetry, longestRetry] = [1_000, 10_000];

export function createOutageReporter(options: OutageReporterOptions): OutageReporter {
  const { target, subject, write, limit, observer, clock, writeEvery, random } = options;
  const lifetime = new AbortController();
  let stories: Story[] = [];
  let certificate: ProbeEvent | undefined;
  let current: Write | undefined;
  let problem: KevError | undefined;
  let working: Promise<void> | undefined;
  /** When, by `elapsed`, the event of the last story may be counted up again. */
  let nextCount = atOnce;
  let isEnding = false;
  let wake = (): void => undefined;

  const story = (outage: Outage, result: CheckResult): Story => {
    const known = stories.at(-1);
    if (known && known.outage.since === outage.since) return known;
    const { open } = options;
    const { failures: told, toldOn: uid } = open?.since === outage.since ? open : unknown;
    const fresh: Story = { outage, result, told, uid, end: undefined };
    stories.push(fresh);
    nextCount = atOnce;
    while (stories.length > mostStories) {
      const [oldest] = stories.splice(0, 1);
      current = undefined;
      if (oldest) giveUp(oldest);
    }
    return fresh;
  };

  function giveUp(one: Story): void {
    if (untold(one) > 0) observer.lost(target, probeReasons.down, untold(one));
    if (one.end) observer.lost(target, probeReasons.up, 1);
  }

  /** Failed checks of a story that no event of the object as it is tells of. */
  const untold = ({ outage, told, uid }: Story): number =>
    uid === subject.uid ? outage.failures - told : outage.failures;

  /** The next write, and when, by `elapsed`, it is due. */
  function next(): { write: Write; due: number } | undefined {
    if (current && current.uid === subject.uid) return { write: current, due: atOnce };
    const [first] = stories;
    if (first && (untold(first) > 0 || first.end === undefined)) {
      if (untold(first) === 0) return certificateWrite();
      const isUrgent = first.end !== undefined || isEnding || first.uid !== subject.uid;
      return { write: countWrite(first), due: isUrgent ? atOnce : nextCount };
    }
    if (first?.end) return { write: endWrite(first, first.end), due: atOnce };
    return certificateWrite();
  }

  function countWrite(one: Story): Write {
    const { outage, result } = one;
    return {
      event: downEvent(target, outage, result, untold(one)),
      ...{ occurrence: newOccurrence(), uid: subject.uid },
      done: (uid) => {
        Object.assign(one, { told: outage.failures, uid });
        nextCount = clock.elapsed() + writeEvery;
      },
    };
  }

  function endWrite(one: Story, { result, at }: { result: CheckResult; at: number }): Write {
    return {
      event: upEvent(target, one.outage, result, at),
      ...{ occurrence: newOccurrence(), uid: subject.uid },
      done: () => {
        stories = stories.filter((other) => other !== one);
      },
    };
  }

  function certificateWrite(): { write: Write; due: number } | undefined {
    if (!certificate) return undefined;
    const event = certificate;
    const done = (): void => {
      if (certificate === event) certificate = undefined;
    };
    return { write: { event, occurrence: newOccurrence(), uid: subject.uid, done }, due: atOnce };
  }

  async function work(): Promise<void> {
    let failures = 0;
    for (let step = next(); step; step = next()) {
      const wait = step.due - clock.elapsed();
      if (wait > 0) {
        await sleep(wait);
        continue;
      }
      current = step.write;
      try {
        const { event, occurrence } = step.write;
        const { uid } = await limit(() => write(subject, event, occurrence, lifetime.signal));
        current = undefined;
        failures = 0;
        problem = undefined;
        step.write.done(uid);
        observer.written(target, event.reason);
      } catch (error) {
        lifetime.signal.throwIfAborted();
        problem = asKevError(error);
        const delay = Math.min(firstRetry * 2 ** failures++, longestRetry) * (0.5 + random() / 2);
        observer.notWritten(target, step.write.event.reason, problem, delay);
        await sleep(delay);
      }
    }
  }

  /** Ends early when there is something more urgent. */
  async function sleep(milliseconds: number): Promise<void> {
    const woken = new AbortController();
    wake = () => woken.abort();
    await clock.sleep(milliseconds, woken.signal).catch(() => undefined);
    lifetime.signal.throwIfAborted();
  }

  function start(isUrgent: boolean): void {
    if (isUrgent) wake();
    working ??= work()
      .catch(() => undefined)
      .finally(() => {
        working = undefined;
        // What was told while the last look was over.
        if (!lifetime.signal.aborted && next()) start(false);
      });
  }

  return {
    failed: (outage, result) => {
      const one = story(outage, result);
      Object.assign(one, { outage, result });
      start(false);
    },
    recovered: (outage, result, at) => {
      const one = story(outage, result);
      Object.assign(one, { outage, end: { result, at } });
      start(true);
    },
    expiring: (seen, at) => {
      certificate = expiringEvent(target, seen, at);
      start(false);
    },
    get waiting() {
      const failed = stories.reduce((sum, one) => sum + untold(one) + (one.end ? 1 : 0), 0);
      return failed + (certificate ? 1 : 0);
    },
    get problem() {
      return problem;
    },
    end: async (signal) => {
      isEnding = true;
      const onAbort = (): void => {
        lifetime.abort(signal.reason);
        wake();
      };
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      wake();
      while (working) await working;
      signal.removeEventListener("abort", onAbort);
      lifetime.abort(new KevError("failed", "the probe has ended"));
      for (const one of stories) giveUp(one);
      if (certificate) observer.lost(target, probeReasons.expiring, 1);
    },
  };
}

function newOccurrence(): string {
  return createId().slice(0, 10);
}
