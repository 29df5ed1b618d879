import type { KubeEvent } from "../events/event.ts";
import { fieldSelector } from "../events/field-selector.ts";
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
  { clock, onDecision, onSynced, onFailed }: DecisionWatchOptions = {},
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
      // The watch ends often, since only then it is known to have stood.
      const watchSeconds = [20, 40] as const;
      const options = { path, fieldSelector: selector, deletions: true, watchSeconds, graceSeconds: 5, signal, clock };
      for await (const step of listWatch<KubeEvent>(connection, options)) {
        if (step.type === "failed") {
          isConnected = false;
          onFailed?.(step);
        } else if (step.type === "synced") {
          isConnected = true;
          hasSynced = true;
          onSynced?.(step);
        } else {
          // After a failed watch the first thing that comes says that there is one again.
          if (step.change === "added" || step.change === "modified") isConnected = true;
          if (step.change === "deleted") forget(step.object.metadata.uid ?? "");
          else if (isDecision(step.object)) remember(step.object);
          else forget(step.object.metadata.uid ?? "");
        }
      }
      isConnected = false;
    },
  };
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

/** Without what is large and decides nothing: they are kept for as long as they live. */
function decisiveParts(event: KubeEvent): KubeEvent {
  const { managedFields: _, ...metadata } = event.metadata;
  return { ...event, metadata };
}
