import type { KubeEvent } from "../events/event.ts";
import { anyEvent, type EventMatcher } from "../events/match.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import type { FailedStep } from "../kube/list-watch/list-watch-step.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { type EventStep, type FollowEventsOptions, followEvents } from "./follow-events.ts";

export interface WaitForEventOptions extends Omit<FollowEventsOptions, "from" | "signal"> {
  /** What is waited for, each met by any number of events; default: any event. */
  conditions?: readonly EventMatcher[] | undefined;
  /** Whether one of the conditions is enough; default `any`. */
  match?: "any" | "all" | undefined;
  /** Events that end the waiting in vain. */
  failOn?: EventMatcher | undefined;
  /** Occurrences that each condition needs; default 1. */
  count?: number | undefined;
  /** Events that are there already do not count; default false. */
  onlyNew?: boolean | undefined;
  /** Milliseconds; 0: no longer than it takes to look at what is there. Default: for ever. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Told of each failure that is tried again; what it throws ends the waiting. `isReplay` until all was read once. */
  onFailure?: ((step: FailedStep, isReplay: boolean) => void) | undefined;
}

/** How the waiting ended. `failed` is the event that matched `failOn`. */
export type WaitResult =
  | { outcome: "met"; events: KubeEvent[] }
  | { outcome: "failed"; event: KubeEvent }
  | { outcome: "timed-out" };

/**
 * Waits for events; one that is there already counts at once. List and watch go on from each other, so that none between
 * the two is missed. RBAC: list and watch on events.
 *
 * @example const result = await waitForEvent(connection, { conditions: [hasReason("Approval")], timeout: 600_000 });
 * @returns `met` with the newest event of each condition that was met
 * @throws the signal's reason, and what onFailure throws
 */
export async function waitForEvent(connection: StreamingConnection, options: WaitForEventOptions): Promise<WaitResult> {
  const { conditions = [anyEvent], match = "any", failOn, count = 1, onlyNew, timeout, onFailure, ...scope } = options;
  const clock: Clock = options.clock ?? systemClock;
  const ended = new AbortController();
  const onAbort = (): void => ended.abort(options.signal?.reason);
  options.signal?.throwIfAborted();
  options.signal?.addEventListener("abort", onAbort, { once: true });
  let isLate = false;
  if (timeout !== undefined && timeout > 0) {
    clock.sleep(timeout, ended.signal).then(
      () => {
        isLate = true;
        ended.abort(new Error("timed out"));
      },
      () => undefined,
    );
  }
  const meters = conditions.map((matches) => createMeter(matches, count, onlyNew ?? false));
  const isMet = (): boolean =>
    match === "any" ? meters.some((meter) => meter.met()) : meters.every((meter) => meter.met());
  try {
    let isReplay = true;
    for await (const step of followEvents(connection, { ...scope, signal: ended.signal })) {
      if (step.type === "failed") onFailure?.(step, isReplay);
      else if (step.type === "synced") isReplay = false;
      else {
        if (failOn?.(step.event) && !(onlyNew && step.isReplay)) return { outcome: "failed", event: step.event };
        for (const meter of meters) meter.take(step);
      }
      // A list is in the order of names: whether something failed in it is known at its end only.
      if (!isReplay && isMet()) return { outcome: "met", events: meters.flatMap((meter) => meter.met() ?? []) };
      if (!isReplay && timeout === 0) return { outcome: "timed-out" };
    }
    options.signal?.throwIfAborted();
    if (!isLate) throw new Error("the events ended before the waiting did");
    return { outcome: "timed-out" };
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
    ended.abort(new Error("done"));
  }
}

/** Counts the occurrences that one condition asks for. */
interface Meter {
  take(step: EventStep): void;
  /** The newest event, once there are enough of them. */
  met(): KubeEvent | undefined;
}

function createMeter(matches: EventMatcher, needed: number, onlyNew: boolean): Meter {
  /** uid → occurrences that count, and those before them. */
  const counts = new Map<string, { base: number; now: number }>();
  let newest: KubeEvent | undefined;
  return {
    take: ({ event, isReplay }) => {
      if (!matches(event)) return;
      const { uid = "" } = event.metadata;
      const { count } = occurrencesOf(event);
      const before = counts.get(uid);
      const base = before?.base ?? (onlyNew && isReplay ? count : 0);
      counts.set(uid, { base, now: Math.max(count, before?.now ?? 0) });
      if (count > base && (newest === undefined || lastTime(event) >= lastTime(newest))) newest = event;
    },
    met: () => {
      let sum = 0;
      for (const { base, now } of counts.values()) sum += now - base;
      return sum >= needed ? newest : undefined;
    },
  };
}

function lastTime(event: KubeEvent): number {
  return occurrencesOf(event).last?.getTime() ?? 0;
}
