import type { KubeEvent } from "../events/event.ts";
import { anyEvent } from "../events/match.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { failed } from "../kube/list-watch/failed.ts";
import { listWatch } from "../kube/list-watch/list-watch.ts";
import type { FailedStep, SyncedStep } from "../kube/list-watch/list-watch-step.ts";
import { createRetryDelays } from "../kube/list-watch/retry-delays.ts";
import { objectPath } from "../kube/object-path.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { createRecentMap, type RecentMap } from "../util/recent-map.ts";
import { type EventScope, eventType } from "./list-events.ts";
import type { OwnedEvent, OwnershipTree } from "./owned-by.ts";

export interface FollowEventsOptions extends EventScope {
  /** Ends the following; leaving the loop does, too. */
  signal: AbortSignal;
  /** resourceVersion up to which the caller has all events; default: the events that are there come first. */
  from?: string | undefined;
  /** Events in one answer of the server. */
  pageSize?: number | undefined;
  /** Only events about its members; it is given every event, so `fieldSelector` is to be left out. */
  tree?: OwnershipTree | undefined;
  clock?: Clock | undefined;
}

/** An event that was written, or counted up. */
export interface EventStep {
  type: "event";
  event: KubeEvent;
  /** True for those that were there before the first `synced`. */
  isReplay: boolean;
  /** True for those of a list, which come in the order of their names and are all there at its `synced`. */
  isListed: boolean;
  /** Occurrences since the same event was yielded last; undefined where that is not known. */
  added: number | undefined;
  /** True when a tree knows that the object the event is about is not there any more. */
  isGone: boolean;
}

export type FollowStep = EventStep | SyncedStep | FailedStep;

type FollowSteps = AsyncGenerator<FollowStep, void>;

/** Events whose counts are remembered; of others it is only known how often they happened in all. */
const remembered = 10_000;

/**
 * The events that are there, then each as it is written or counted up, for ever: through restarts of the server and gaps
 * of the network, each (uid and resourceVersion) once. What goes wrong on the way is a step, too, and is tried again.
 * Events that expire or are deleted yield nothing. RBAC: list and watch on events.
 *
 * @example for await (const step of followEvents(connection, { signal })) if (step.type === "event") console.log(step.event.reason);
 */
export async function* followEvents(connection: StreamingConnection, options: FollowEventsOptions): FollowSteps {
  const {
    allNamespaces,
    matcher = anyEvent,
    fieldSelector,
    from,
    pageSize,
    tree,
    signal,
    clock = systemClock,
  } = options;
  const path = objectPath(eventType, allNamespaces ? undefined : options.namespace || connection.namespace);
  const counts = createRecentMap<string, number>(remembered);
  let isReplay = from === undefined;
  /** What a list has shown so far: for a tree, all that it is about is looked up together. */
  let held: KubeEvent[] = [];
  const rows = async function* (events: readonly KubeEvent[], isListed: boolean): FollowSteps {
    const selected = tree ? yield* select(tree, events, { clock, signal }, !isReplay) : events.map(notGone);
    for (const { event, isGone } of selected) {
      if (matcher(event)) yield { type: "event", event, isReplay, isListed, added: countUp(counts, event), isGone };
    }
  };
  for await (const step of listWatch<KubeEvent>(connection, { path, fieldSelector, from, pageSize, signal, clock })) {
    if (step.type === "change" && tree && step.change === "listed") {
      held.push(step.object);
    } else if (step.type === "change") {
      yield* rows([step.object], step.change === "listed");
    } else {
      if (step.type === "synced") {
        yield* rows(held, true);
        held = [];
        isReplay = false;
      }
      yield step;
    }
    if (signal.aborted) return;
  }
}

const notGone = (event: KubeEvent): OwnedEvent => ({ event, isGone: false });

/** The events of the tree's members; failures to read what they are about are steps, and tried again. */
async function* select(
  tree: OwnershipTree,
  events: readonly KubeEvent[],
  run: { clock: Clock; signal: AbortSignal },
  hasWorked: boolean,
): AsyncGenerator<FailedStep, OwnedEvent[]> {
  const delays = createRetryDelays(Math.random);
  try {
    for (;;) {
      try {
        return await tree.select(events, run.signal);
      } catch (error) {
        run.signal.throwIfAborted();
        for await (const [step] of failed(run, "owners", error, delays, hasWorked)) yield step;
      }
    }
  } catch (error) {
    if (run.signal.aborted) return [];
    throw error;
  }
}

function countUp(counts: RecentMap<string, number>, event: KubeEvent): number | undefined {
  const { uid = "" } = event.metadata;
  const { count } = occurrencesOf(event);
  const before = counts.get(uid);
  counts.set(uid, count);
  return before === undefined ? undefined : Math.max(count - before, 0);
}
