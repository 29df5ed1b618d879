import type { KubeEvent } from "../events/event.ts";
import { and, anyEvent, type EventMatcher, or } from "../events/match.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { unreachable } from "../kube/connection-failure.ts";
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
 * @throws the signal's reason, what onFailure throws, and at the time-out the last failure when nothing could be read
 */
export async function waitForEvent(connection: StreamingConnection, options: WaitForEventOptions): Promise<WaitResult> {
  const { conditions = [anyEvent], match = "any", failOn, count = 1, onlyNew, timeout, onFailure, ...scope } = options;
  const { matcher = anyEvent, ...unfiltered } = scope;
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
  const failure = createMeter(and(matcher, failOn ?? or()), 1);
  const meters = conditions.map((condition) => createMeter(and(matcher, condition), count));
  const verdict = (): WaitResult | undefined => {
    const failed = failure.met();
    if (failed) return { outcome: "failed", event: failed };
    const met = meters.flatMap((meter) => meter.met() ?? []);
    return met.length >= (match === "any" ? 1 : meters.length) ? { outcome: "met", events: met } : undefined;
  };
  try {
    let isReplay = true;
    let failedLast: FailedStep | undefined;
    // What the matcher leaves out is taken note of too: its occurrences so far are not new when it matches later.
    for await (const step of followEvents(connection, { ...unfiltered, signal: ended.signal })) {
      if (step.type === "failed") {
        failedLast = step;
        onFailure?.(step, isReplay);
        continue;
      }
      if (step.type === "synced") isReplay = false;
      else if (!(onlyNew && step.isReplay)) for (const meter of [failure, ...meters]) meter.take(step);
      // A list is in the order of names: whether something failed in it is known at its end only.
      const result = step.type === "event" && step.isListed ? undefined : verdict();
      if (result) return result;
      if (timeout === 0 && !isReplay) return { outcome: "timed-out" };
    }
    options.signal?.throwIfAborted();
    if (!isLate) throw new Error("the events ended before the waiting did");
    // Nobody has looked: that is not to be taken for an event that did not come.
    if (isReplay)
      throw failedLast?.error ?? unreachable("timeout", `no answer within ${Math.ceil((timeout ?? 0) / 1_000)}s`);
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

function createMeter(matches: EventMatcher, needed: number): Meter {
  let sum = 0;
  let newest: KubeEvent | undefined;
  return {
    take: ({ event, added }) => {
      const occurred = added ?? occurrencesOf(event).count;
      if (occurred === 0 || !matches(event)) return;
      sum += occurred;
      if (newest === undefined || lastTime(event) >= lastTime(newest)) newest = event;
    },
    met: () => (sum >= needed ? newest : undefined),
  };
}

function lastTime(event: KubeEvent): number {
  return occurrencesOf(event).last?.getTime() ?? 0;
}
