import type { KubeObject } from "../events/event.ts";
import { fieldSelector } from "../events/field-selector.ts";
import { ApiError } from "../kube/api-error.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import type { Connection } from "../kube/connection.ts";
import { listPage } from "../kube/list-watch/list-pages.ts";
import { listWatchGroups } from "../kube/list-watch/list-watch.ts";
import type { FailedStep } from "../kube/list-watch/list-watch-step.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import { objectPath } from "../kube/object-path.ts";
import { withRetry } from "../kube/with-retry.ts";
import type { Clock } from "../util/clock.ts";
import type { KevError } from "../util/errors.ts";
import type { TrackStep } from "./change-log.ts";
import type { TrackObserver } from "./track-observer.ts";
import type { KnownObject } from "./track-store.ts";
import type { TrackedType } from "./tracked-types.ts";

export interface TypeIntakeOptions {
  readonly tracked: TrackedType;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly selector: string | undefined;
  /** resourceVersion up to which everything is taken in. */
  readonly mark: string | undefined;
  /** Known objects that the list which has just ended did not show, some at a time. */
  readonly missing: () => AsyncIterable<readonly KnownObject[]>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: Pick<TrackObserver, "listed" | "disconnected" | "reconnected">;
  readonly signal: AbortSignal;
}

/** The objects of one type, as they change. */
export interface TypeIntake {
  /** In groups of what came together; throws the error of a first try that will fail for ever, such as a right that is missing. */
  steps(): AsyncGenerator<readonly TrackStep[], void>;
  readonly isListed: boolean;
  readonly isWatching: boolean;
}

/** Milliseconds that a busy watch is left alone, at most, so that its changes come together. */
const rest = 200;

export function createTypeIntake(connection: StreamingConnection, options: TypeIntakeOptions): TypeIntake {
  const { tracked, namespace, selector, mark, clock, random, observer, signal } = options;
  const path = objectPath(tracked.type, namespace);
  const reader = withRetry(connection, { timeout: Number.POSITIVE_INFINITY, clock, random, signal });
  let isListed = mark !== undefined;
  let isWatching = false;
  let hasFailed = false;

  function onWatch(state: "accepted" | "ended"): void {
    if (state === "ended") return;
    isWatching = true;
    if (hasFailed) observer.reconnected(tracked.name);
    hasFailed = false;
  }

  function failed(step: FailedStep): void {
    if (isHopeless(step) || isBadSelector(step.error)) throw step.error;
    isWatching = false;
    hasFailed = true;
    observer.disconnected(tracked.name, step.during, step.error, step.retryIn);
  }

  /** What has become of an object that is not among those that are tracked any more. */
  async function goneOrLeft(object: KubeObject, mark?: string): Promise<TrackStep> {
    // Without a selector only what is deleted goes.
    if (selector === undefined) return { type: "deleted", object, mark };
    const found = await findByName(reader, tracked, object, { signal });
    if (!found) return { type: "deleted", object, mark };
    // What is read may be old news: it may have come back since.
    const back = await findByName(reader, tracked, object, { selector, signal });
    return back ? { type: "object", object: back, change: "found", mark } : { type: "left", object: found, mark };
  }

  return {
    steps: async function* () {
      const groups = listWatchGroups<KubeObject>(connection, {
        path,
        labelSelector: selector,
        from: mark,
        deletions: "watched",
        present: true,
        pageSize: 200,
        ...{ onWatch, rest, signal, clock, random },
      });
      for await (const group of groups) {
        const steps: TrackStep[] = [];
        for (const step of group) {
          if (step.type === "failed") {
            failed(step);
          } else if (step.type === "synced") {
            // What the list has shown must be known before what it has not shown can be.
            yield steps.splice(0);
            for await (const page of options.missing()) {
              const gone: TrackStep[] = [];
              for (const { reference, uid } of page) {
                const { name = "", namespace: place } = reference;
                gone.push(
                  await goneOrLeft({ metadata: { name, uid, ...(place !== undefined && { namespace: place }) } }),
                );
              }
              yield gone;
            }
            isListed = true;
            observer.listed(tracked.name, step.cause);
            steps.push({ type: "synced", resourceVersion: step.resourceVersion });
          } else if (step.change === "deleted") {
            steps.push(await goneOrLeft(step.object, step.object.metadata.resourceVersion));
          } else {
            const { object, change } = step;
            const isOfList = change === "listed" || change === "present";
            steps.push({ type: "object", object, change: isOfList ? change : "watched" });
          }
        }
        if (steps.length > 0) yield steps;
      }
    },
    get isListed() {
      return isListed;
    },
    get isWatching() {
      return isWatching;
    },
  };
}

/** A selector that the server cannot read. Another 400 is about a version or a token, which the next try does without. */
function isBadSelector(error: KevError): boolean {
  return error instanceof ApiError && error.httpStatus === 400 && /unable to parse requirement/.test(error.message);
}

/** The object, if it is there still, and among the selected ones where a selector is given; needs no other right than the list itself does. */
async function findByName(
  connection: Connection,
  { type }: TrackedType,
  { metadata: { name = "", namespace, uid } }: KubeObject,
  { selector, signal }: { selector?: string; signal: AbortSignal },
): Promise<KubeObject | undefined> {
  const selection = {
    path: objectPath(type, namespace),
    ...(selector !== undefined && { labelSelector: selector }),
    fieldSelector: fieldSelector({ "metadata.name": name }),
  };
  try {
    const request = { pageSize: 1, token: undefined, timeout: 120_000, signal };
    const { items } = await listPage<KubeObject>(connection, selection, request);
    return items.find(({ metadata }) => metadata.uid === uid);
  } catch (error) {
    // The type itself is gone, and all objects with it.
    if (error instanceof ApiError && error.httpStatus === 404) return undefined;
    throw error;
  }
}
