import type { KubeEvent, KubeObject } from "../events/event.ts";
import { occurrencesOf } from "../events/occurrences.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { listWatch } from "../kube/list-watch/list-watch.ts";
import type { FailedStep, SyncedStep } from "../kube/list-watch/list-watch-step.ts";
import { objectPath } from "../kube/object-path.ts";
import type { Clock } from "../util/clock.ts";
import { type EventScope, eventType } from "./list-events.ts";

export interface FollowEventsOptions extends EventScope {
  /** Ends the following; leaving the loop does, too. */
  signal: AbortSignal;
  /** resourceVersion up to which the caller has all events; default: the events that are there come first. */
  from?: string | undefined;
  /** Events in one answer of the server. */
  pageSize?: number | undefined;
  clock?: Clock | undefined;
}

/** An event that was written, or counted up. */
export interface EventStep {
  type: "event";
  event: KubeEvent;
  /** True for those that were there before the first `synced`. */
  isReplay: boolean;
  /** Occurrences since the same event was yielded last; undefined where that is not known. */
  added: number | undefined;
}

export type FollowStep = EventStep | SyncedStep | FailedStep;

/** Events whose counts are remembered; of others it is only known how often they happened in all. */
const remembered = 10_000;

/**
 * The events that are there, then each as it is written or counted up, for ever: through restarts of the server and gaps
 * of the network, each (uid and resourceVersion) once. What goes wrong on the way is a step, too, and is tried again.
 * Events that expire or are deleted yield nothing. RBAC: list and watch on events.
 *
 * @example for await (const step of followEvents(connection, { signal })) if (step.type === "event") console.log(step.event.reason);
 */
export async function* followEvents(
  connection: StreamingConnection,
  options: FollowEventsOptions,
): AsyncGenerator<FollowStep, void> {
  const { allNamespaces, matcher, fieldSelector, from, pageSize, signal, clock } = options;
  const path = objectPath(eventType, allNamespaces ? undefined : options.namespace || connection.namespace);
  const counts = new Map<string, number>();
  let isReplay = from === undefined;
  for await (const step of listWatch<KubeObject>(connection, { path, fieldSelector, from, pageSize, signal, clock })) {
    if (step.type === "change") {
      const event = step.object as unknown as KubeEvent;
      if (matcher?.(event) ?? true) yield { type: "event", event, isReplay, added: countUp(counts, event) };
    } else {
      if (step.type === "synced") isReplay = false;
      yield step;
    }
  }
}

function countUp(counts: Map<string, number>, event: KubeEvent): number | undefined {
  const { uid = "" } = event.metadata;
  const { count } = occurrencesOf(event);
  const before = counts.get(uid);
  // A Map keeps the order of insertion: the first is the one that was heard of least lately.
  counts.delete(uid);
  counts.set(uid, count);
  if (counts.size > remembered) counts.delete(counts.keys().next().value ?? uid);
  return before === undefined ? undefined : Math.max(count - before, 0);
}
