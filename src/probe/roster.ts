import { setMaxListeners } from "node:events";
import type { SteadyClock } from "../util/clock.ts";
import type { ProbeObserver } from "./probe-observer.ts";
import type { OpenOutage, Outage } from "./probe-state.ts";
import type { RunningTarget } from "./run-target.ts";
import type { Subject } from "./subject.ts";
import type { ProbeEntry, ProbeTarget } from "./target.ts";

export interface RosterOptions {
  readonly start: (target: ProbeTarget, subject: Subject, delay: number, open: OpenOutage | undefined) => RunningTarget;
  readonly observer: ProbeObserver;
  readonly clock: SteadyClock;
  /** Milliseconds that are given to what waits to be written when a target is probed no more. */
  readonly endWithin: number;
}

/** The targets that are probed: of each name one at a time. */
export interface Roster {
  /** An outage that an earlier run has left open on the object of this uid. */
  leftOpen(uid: string, name: string, outage: Outage): void;
  /**
   * False when another entry has the name: then it is begun when that one gives it up.
   *
   * @param entry whose target it is
   * @param delay milliseconds until the first check
   */
  begin(target: ProbeTarget, subject: Subject, entry: ProbeEntry, delay?: number): boolean;
  /** Gives a target of the entry up. `isGone`: there is no object any more to write about. */
  end(target: ProbeTarget, entry: ProbeEntry, isGone: boolean): void;
  readonly running: readonly RunningTarget[];
  /** Ends all, those that have been given up too; resolves when nothing is written any more, or `signal` aborts. */
  stop(signal: AbortSignal): Promise<void>;
}

interface Place {
  readonly target: ProbeTarget;
  readonly subject: Subject;
  readonly entry: ProbeEntry;
}

/** Milliseconds after which a target that comes back is a new one: its event has expired. */
const longestAbsence = 3_600_000;

export function createRoster({ start, observer, clock, endWithin }: RosterOptions): Roster {
  const holders = new Map<string, Place & { readonly one: RunningTarget }>();
  let waiting: Place[] = [];
  const open = new Map<string, Map<string, Outage>>();
  /** Outages of targets that were given up, by their names. */
  const left = new Map<string, { subject: Subject; outage: OpenOutage; at: number }>();
  const endings = new Map<Promise<void>, AbortController>();

  function openOutage(name: string, subject: Subject): OpenOutage | undefined {
    const latest = left.get(name);
    left.delete(name);
    if (latest?.subject === subject && clock.elapsed() - latest.at < longestAbsence) return latest.outage;
    const outage = open.get(subject.uid ?? "")?.get(name);
    open.get(subject.uid ?? "")?.delete(name);
    return outage && { ...outage, toldOn: subject.uid };
  }

  function hold(place: Place, delay: number): void {
    const { target, subject } = place;
    const outage = openOutage(target.name, subject);
    observer.added(target, outage !== undefined);
    holders.set(target.name, { ...place, one: start(target, subject, delay, outage) });
  }

  function giveUp(one: RunningTarget, isGone: boolean): void {
    const limit = new AbortController();
    const over = new AbortController();
    if (isGone) limit.abort();
    clock.sleep(endWithin, over.signal).then(
      () => limit.abort(),
      () => undefined,
    );
    const ending = one.stop(limit.signal).finally(() => {
      over.abort();
      endings.delete(ending);
    });
    endings.set(ending, limit);
  }

  return {
    leftOpen: (uid, name, outage) => {
      open.set(uid, (open.get(uid) ?? new Map()).set(name, outage));
    },
    begin: (target, subject, entry, delay = 0) => {
      const place = { target, subject, entry };
      if (holders.has(target.name)) {
        waiting.push(place);
        return false;
      }
      hold(place, delay);
      return true;
    },
    end: (target, entry, isGone) => {
      const { name } = target;
      const holder = holders.get(name);
      if (holder?.entry !== entry) {
        waiting = waiting.filter((other) => other.entry !== entry || other.target.name !== name);
        return;
      }
      holders.delete(name);
      const { one, subject } = holder;
      const { outage } = one;
      observer.removed(target, outage !== undefined);
      const now = clock.elapsed();
      for (const [other, { at }] of left) if (now - at >= longestAbsence) left.delete(other);
      if (outage) left.set(name, { subject, outage: { ...outage, toldOn: subject.uid }, at: now });
      giveUp(one, isGone);
      const next = waiting.find((other) => other.target.name === name);
      if (!next) return;
      waiting = waiting.filter((other) => other !== next);
      hold(next, 0);
    },
    get running() {
      return [...holders.values()].map(({ one }) => one);
    },
    stop: async (signal) => {
      setMaxListeners(0, signal);
      const onAbort = (): void => {
        for (const limit of endings.values()) limit.abort();
      };
      signal.addEventListener("abort", onAbort, { once: true });
      await Promise.all([...[...holders.values()].map(({ one }) => one.stop(signal)), ...endings.keys()]);
      signal.removeEventListener("abort", onAbort);
    },
  };
}
