import type { KubeEvent } from "../events/event.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { listWatch } from "../kube/list-watch/list-watch.ts";
import type { FailedStep, ListWatchStep, SyncedStep } from "../kube/list-watch/list-watch-step.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import { objectPath } from "../kube/object-path.ts";
import { eventType } from "../read/list-events.ts";
import type { Clock } from "../util/clock.ts";
import type { RouteObserver } from "./route-observer.ts";

export interface IntakeOptions {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** resourceVersion up to which everything is taken in. */
  readonly mark: string | undefined;
  /** Milliseconds since 1970 when the watch was last known to be alive; undefined: there was none yet. */
  readonly aliveAt: number | undefined;
  /** Whether everything is listed at the start, also where a watch could go on. */
  readonly listAtStart: boolean;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<RouteObserver, "listed" | "disconnected" | "reconnected">;
  readonly signal: AbortSignal;
}

/** A step of the server's events, in the order in which they are to be stored. */
export type IntakeStep =
  | { readonly type: "event"; readonly event: KubeEvent; readonly change: "listed" | "present" | "added" | "modified" }
  | { readonly type: "deleted"; readonly event: KubeEvent }
  /** Everything was listed; `interruptedAt`: when, in milliseconds, the watch was last alive, where it was interrupted. */
  | { readonly type: "synced"; readonly resourceVersion: string; readonly interruptedAt: number | undefined };

export interface Intake {
  steps(): AsyncGenerator<IntakeStep, void>;
  /** Milliseconds since 1970: everything that happened until then has been yielded. */
  readonly aliveAt: number | undefined;
  /** Whether a watch stands, as far as is known. */
  readonly isWatching: boolean;
}

/**
 * The events of the server, and how well it is known that none is missing.
 *
 * The generator throws the error of a first try that will fail for ever, such as a right that is missing; else it ends
 * when `signal` aborts.
 */
export function createIntake(connection: StreamingConnection, options: IntakeOptions): Intake {
  const { namespace, mark, clock, random, observer, signal } = options;
  let { aliveAt } = options;
  let isWatching = false;
  let hasFailed = false;
  /** A run that goes on from a mark begins in an interruption. */
  let interruptedAt = mark === undefined ? undefined : aliveAt;

  function alive(): void {
    aliveAt = clock.now().getTime();
    interruptedAt = undefined;
  }
  function watching(): void {
    isWatching = true;
    if (hasFailed) observer.reconnected();
    hasFailed = false;
  }
  function failed(step: FailedStep): void {
    if (isHopeless(step)) throw step.error;
    isWatching = false;
    hasFailed = true;
    interruptedAt ??= aliveAt;
    observer.disconnected(step.during, step.error, step.retryIn);
  }
  function synced({ resourceVersion, cause }: SyncedStep): IntakeStep {
    observer.listed(cause);
    const step: IntakeStep = { type: "synced", resourceVersion, interruptedAt };
    alive();
    return step;
  }
  function stepOf(step: Extract<ListWatchStep<KubeEvent>, { type: "change" }>): IntakeStep {
    const { object: event, change } = step;
    if (change !== "listed" && change !== "present") alive();
    return change === "deleted" ? { type: "deleted", event } : { type: "event", event, change };
  }

  return {
    steps: async function* () {
      const steps = listWatch<KubeEvent>(connection, {
        path: objectPath(eventType, namespace),
        from: options.listAtStart ? undefined : mark,
        deletions: "watched",
        present: true,
        pageSize: 500,
        onWatch: (state) => (state === "accepted" ? watching() : alive()),
        signal,
        clock,
        random,
      });
      for await (const step of steps) {
        if (step.type === "failed") failed(step);
        else yield step.type === "synced" ? synced(step) : stepOf(step);
      }
    },
    get aliveAt() {
      return aliveAt;
    },
    get isWatching() {
      return isWatching;
    },
  };
}
