import { decisionAnnotation } from "../events/decision.ts";
import type { KubeEvent } from "../events/event.ts";
import { fieldSelector } from "../events/field-selector.ts";
import { truncateBytes } from "../events/limits.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { listWatch } from "../kube/list-watch/list-watch.ts";
import type { FailedStep, SyncedStep } from "../kube/list-watch/list-watch-step.ts";
import { objectPath } from "../kube/object-path.ts";
import { eventType } from "../read/list-events.ts";
import type { Clock } from "../util/clock.ts";
import { isDecision } from "./decide.ts";
import type { KnownDecisions } from "./judge.ts";

export interface DecisionWatchOptions {
  clock?: Clock | undefined;
  /** What counts as a decision; default {@link isDecision}. */
  matcher?: ((event: KubeEvent) => boolean) | undefined;
  /** Told of each decision that is new, or was there at the start. */
  onDecision?: ((deployment: { namespace: string; name: string }) => void) | undefined;
  /** Told when everything has been listed: at the start and after each gap. */
  onSynced?: ((step: SyncedStep) => void) | undefined;
  onFailed?: ((step: FailedStep) => void) | undefined;
}

export interface DecisionWatch extends KnownDecisions {
  /** True when everything has been listed once. */
  readonly hasSynced: boolean;
  /** Follows the decisions of all namespaces until the signal aborts. Needs list and watch on events. */
  run(signal: AbortSignal): Promise<void>;
}

/** Keeps the decisions about Deployments in mind as they are written and expire. */
export function createDecisionWatch(
  connection: StreamingConnection,
  { clock, matcher = isDecision, onDecision, onSynced, onFailed }: DecisionWatchOptions = {},
): DecisionWatch {
  const byDeployment = new Map<string, Map<string, KubeEvent>>();
  /** By the event's uid: a deleted object that nobody saw go has no more than that. */
  const keys = new Map<string, string>();
  let isConnected = false;
  let hasSynced = false;

  const forget = (uid: string): void => {
    const key = keys.get(uid) ?? "";
    keys.delete(uid);
    const events = byDeployment.get(key);
    events?.delete(uid);
    if (events?.size === 0) byDeployment.delete(key);
  };
  const remember = (event: KubeEvent): void => {
    const { uid = "", namespace = "" } = event.metadata;
    const { name = "" } = event.involvedObject;
    const key = keyOf(namespace, name);
    // Without the policy an event may come to be about another Deployment.
    if (keys.get(uid) !== key) forget(uid);
    keys.set(uid, key);
    const events = byDeployment.get(key) ?? new Map<string, KubeEvent>();
    byDeployment.set(key, events.set(uid, decisiveParts(event)));
    onDecision?.({ namespace, name });
  };

  return {
    get isConnected() {
      return isConnected;
    },
    get hasSynced() {
      return hasSynced;
    },
    about: (namespace, name) => [...(byDeployment.get(keyOf(namespace, name))?.values() ?? [])],
    run: async (signal) => {
      const path = objectPath(eventType, undefined);
      const selector = fieldSelector({ "involvedObject.kind": "Deployment" });
      // The watch ends often, since only then it is known to have stood: a link that has died without a word is not noticed
      // before, and a rejection does not come through it.
      const watchSeconds = [5, 10] as const;
      for await (const step of listWatch<KubeEvent>(connection, {
        path,
        fieldSelector: selector,
        deletions: true,
        watchSeconds,
        graceSeconds: 3,
        // Events may be large, and anybody may write them.
        pageSize: 100,
        // Of what comes after a gap nobody knows how much is still to come.
        listAfterFailure: true,
        signal,
        clock,
      })) {
        if (step.type === "failed") {
          isConnected = false;
          onFailed?.(step);
        } else if (step.type === "synced") {
          isConnected = true;
          hasSynced = true;
          onSynced?.(step);
        } else if (step.change !== "deleted" && matcher(step.object)) {
          remember(step.object);
        } else {
          forget(step.object.metadata.uid ?? "");
        }
      }
      isConnected = false;
    },
  };
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Bytes of a message that are kept, and of each annotation. */
const longestText = 1_024;

/** Without what decides nothing: they are kept for as long as they live, and anybody may make them large. */
function decisiveParts({ metadata, involvedObject, ...event }: KubeEvent): KubeEvent {
  const annotations = cutTexts<Record<string, string>>(metadata.annotations ?? {}, Object.values(decisionAnnotation));
  return {
    ...cutTexts(event, ["reason", "message"]),
    metadata: {
      ...cutTexts(metadata, ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"]),
      annotations,
    },
    involvedObject: cutTexts(involvedObject, ["apiVersion", "kind", "namespace", "name", "uid"]),
  };
}

/** Those of the texts that are there. */
function cutTexts<T extends object>(object: T, keys: readonly (keyof T)[]): T {
  const entries = keys.flatMap((key) => {
    const value: unknown = object[key];
    return typeof value === "string" ? [[key, truncateBytes(value, longestText)] as const] : [];
  });
  return Object.fromEntries(entries) as T;
}
