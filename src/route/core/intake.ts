import type { KubeEvent } from "../../events/event.ts";
import type { StreamingConnection } from "../../kube/connect.ts";
import { listWatchGroups } from "../../kube/list-watch/list-watch.ts";
import type { ChangeStep, FailedStep, SyncedStep } from "../../kube/list-watch/list-watch-step.ts";
import { isHopeless } from "../../kube/list-watch/refusals.ts";
import { objectPath } from "../../kube/object-path.ts";
import { eventType } from "../../read/list-events.ts";
import type { Clock } from "../../util/clock.ts";
import type { RouteObserver } from "../route-observer.ts";

export interface IntakeOptions {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** resourceVersion up to which everything is taken in. */
  readonly mark: string | undefined;
  /** Milliseconds since 1970 when the watch was last known to be alive; undefined: there was none yet. */
  readonly aliveAt: number | undefined;
  /** Whether everything is listed at the start, also where a watch could go on. */
  readonly listAtStart: boolean;
  /** Milliseconds that a busy watch is left alone, at most, so that its changes come together; default 0. */
  readonly rest?: number | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<RouteObserver, "listed" | "disconnected" | "reconnected">;
  readonly signal: AbortSignal;
}

/** A step of the server's events, in the order in which they are to be stored. */
export type IntakeStep = {
  /** Milliseconds since 1970: everything that happened until then has been yielded, with this step; undefined: unknown. */
  readonly aliveAt: number | undefined;
} & (
  | { readonly type: "event"; readonly event: KubeEvent; readonly change: "listed" | "present" | "added" | "modified" }
  | { readonly type: "deleted"; readonly event: KubeEvent }
  /** Everything was listed; `interruptedAt`: when, in milliseconds, the watch was last alive, where it was interrupted. */
  | { readonly type: "synced"; readonly resourceVersion: string; readonly interruptedAt: number | undefined }
);

export interface Intake {
  /** In groups of what came together. */
  steps(): AsyncGenerator<readonly IntakeStep[], void>;
  /** Milliseconds since 1970: everything that happened until then has been yielded. */
  readonly aliveAt: number | undefined;
  /** Whether a watch stands, as far as is known. */
  readonly isWatching: boolean;
}

/** Milliseconds in which a watch has brought what had happened before it was accepted. */
const catchUp = 10_000;
/** Milliseconds without word of a watch that has not failed after which it counts as interrupted. */
const longSilence = 60_000;

/**
 * The events of the server, and how well it is known that none is missing.
 *
 * The generator throws the error of a first try that will fail for ever, such as a right that is missing; else it ends
 * when `signal` aborts.
 *
 * A caller that takes its time holds the reading up, and what comes then may be old, and its watch long ended: for as long
 * as it was held up, the watch proves nothing. The rest between two reads is short enough to be left out.
 */
export function createIntake(connection: StreamingConnection, options: IntakeOptions): Intake {
  const { namespace, mark, clock, random, observer, signal } = options;
  let { aliveAt } = options;
  let isWatching = false;
  let hasFailed = false;
  /** A run that goes on from a mark begins in an interruption. */
  let interruptedAt = mark === undefined ? undefined : aliveAt;

  let listedAt: number | undefined;
  let acceptedAt = 0;
  /** Milliseconds that the caller took, since the watch was accepted. */
  let heldUp = 0;

  const now = (): number => clock.now().getTime();
  /** Until when everything has come, by what came last; undefined: it says nothing of that. */
  function provenBy(last: SyncedStep | ChangeStep<KubeEvent>): number | undefined {
    if (last.type === "synced") return listedAt;
    const at = now() - heldUp;
    const isListed = last.change === "listed" || last.change === "present";
    return isListed || at - acceptedAt < catchUp ? undefined : at;
  }
  function alive(at: number): void {
    aliveAt = Math.max(aliveAt ?? at, at);
    interruptedAt = undefined;
  }
  function onWatch(state: "accepted" | "ended"): void {
    if (state === "accepted") {
      acceptedAt = now();
      heldUp = 0;
      watching();
    } else {
      alive(Math.max(acceptedAt, now() - heldUp));
    }
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
    const isSilent = aliveAt !== undefined && listedAt !== undefined && listedAt - aliveAt >= longSilence;
    return {
      type: "synced",
      resourceVersion,
      interruptedAt: interruptedAt ?? (isSilent ? aliveAt : undefined),
      aliveAt: listedAt,
    };
  }
  function changed({ object: event, change }: ChangeStep<KubeEvent>, proven: number | undefined): IntakeStep {
    const at = { aliveAt: proven ?? aliveAt };
    return change === "deleted" ? { type: "deleted", event, ...at } : { type: "event", event, change, ...at };
  }

  return {
    steps: async function* () {
      const groups = listWatchGroups<KubeEvent>(connection, {
        path: objectPath(eventType, namespace),
        from: options.listAtStart ? undefined : mark,
        deletions: "watched",
        present: true,
        pageSize: 500,
        onWatch,
        onList: () => {
          listedAt = now();
        },
        rest: options.rest,
        signal,
        clock,
        random,
      });
      for await (const group of groups) {
        const steps: IntakeStep[] = [];
        let proven: number | undefined;
        for (const [index, step] of group.entries()) {
          if (step.type === "failed") {
            failed(step);
            continue;
          }
          // Those before the last prove nothing: with them, not everything has been yielded.
          if (index === group.length - 1) proven = provenBy(step);
          steps.push(step.type === "synced" ? synced(step) : changed(step, proven));
        }
        if (steps.length === 0) continue;
        const yieldedAt = now();
        yield steps;
        heldUp += now() - yieldedAt;
        // Only now the caller has them.
        if (proven !== undefined) alive(proven);
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
