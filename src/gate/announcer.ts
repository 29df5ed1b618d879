import { timeText } from "../events/age.ts";
import type { KubeObject } from "../events/event.ts";
import { imageChanges } from "../events/image-changes.ts";
import { truncateBytes } from "../events/limits.ts";
import type { Connection } from "../kube/connection.ts";
import { createRetryDelays } from "../kube/list-watch/retry-delays.ts";
import { objectPath } from "../kube/object-path.ts";
import { findObject, readCollection } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";
import { listReplicaSets, rolledOut } from "../read/replica-sets.ts";
import { emit } from "../record/emit.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { recordOf } from "../util/is-record.ts";
import {
  approvedCondition,
  type Condition,
  type ConditionOnServer,
  type ConditionText,
  conditionOn,
  conditionText,
  rolledOutText,
} from "./approved-condition.ts";
import type { Judge, Judgement } from "./judge.ts";
import { type Release, releaseOfDeployment } from "./release.ts";

/** A Deployment by name. */
export interface DeploymentName {
  namespace: string;
  name: string;
}

export interface AnnouncerOptions {
  judge: Pick<Judge, "judge">;
  signal: AbortSignal;
  clock?: Clock | undefined;
  hostName?: (() => string) | undefined;
  /** A release that waits has been approved; the Deployment controller was told to try again. */
  onApproved?: ((release: Release, judgement: Judgement) => void) | undefined;
  /** A release waits; told once for each reason. */
  onWaiting?: ((release: Release, judgement: Judgement) => void) | undefined;
  /** Something could not be read or written; `retryIn` milliseconds, undefined: the next sweep tries again. */
  onFailed?: ((deployment: DeploymentName, error: unknown, retryIn: number | undefined) => void) | undefined;
}

/**
 * Tells people and the Deployment controller how releases stand, beside the reviews: the condition `kev.dev/Approved`, and
 * one event `ApprovalRequired` for each release that waits. The write of the condition is what makes the controller try
 * again; it stops by itself 164 s after the first denial.
 */
export interface Announcer {
  /** Looks at a Deployment soon: one that was denied, or about which somebody has decided. */
  look(deployment: DeploymentName): void;
  /** Looks at all of a namespace that wait, or that say so. Throws what reading throws. */
  sweep(namespace: string): Promise<void>;
  /** Forgets what waits in a namespace: it is not gated any more. */
  forget(namespace: string): void;
  /** How many releases wait. */
  readonly waiting: number;
  /** Resolves when nothing is left to look at. */
  settled(): Promise<void>;
}

const deploymentType = builtInType("apps", "deployments");
const concurrency = 4;
const mostTries = 6;

/**
 * Needs get and list on deployments, patch on deployments/status, list on replicasets, get and create on events, beside what
 * the judge needs.
 */
export function createAnnouncer(connection: Connection, options: AnnouncerOptions): Announcer {
  const { signal, clock = systemClock } = options;
  const queued = new Map<string, DeploymentName>();
  const active = new Map<string, Promise<void>>();
  /** What waits, and what was last said of it. */
  const waiting = new Map<string, string>();

  const pump = (): void => {
    for (const [key, deployment] of queued) {
      if (signal.aborted || active.size >= concurrency) return;
      // One at a time for each Deployment: what comes meanwhile is looked at again.
      if (active.has(key)) continue;
      queued.delete(key);
      const done = persist(key, deployment).finally(() => {
        active.delete(key);
        pump();
      });
      active.set(key, done);
    }
  };
  const persist = async (key: string, deployment: DeploymentName): Promise<void> => {
    const delays = createRetryDelays(Math.random);
    for (let left = mostTries - 1; !signal.aborted; left--) {
      try {
        return await lookAt(key, deployment);
      } catch (error) {
        if (signal.aborted) return;
        const retryIn = left > 0 ? delays.next() : undefined;
        options.onFailed?.(deployment, error, retryIn);
        if (retryIn === undefined) return;
        await clock.sleep(retryIn, signal).catch(() => undefined);
      }
    }
  };
  const lookAt = async (key: string, { namespace, name }: DeploymentName): Promise<void> => {
    const deployment = await findObject(connection, { type: deploymentType, namespace, extent: "whole", signal }, name);
    if (!deployment || !isRollingOut(deployment)) {
      waiting.delete(key);
      return;
    }
    const release = releaseOfDeployment(deployment);
    const { isOut, running } = rolledOut(deployment, await listReplicaSets(connection, namespace, signal));
    if (isOut) {
      waiting.delete(key);
      if (conditionOn(deployment)?.status !== "False") return;
      // The controller has tried again by itself before it was told to, or has gone back to a release that was out.
      const past = await options.judge.judge(release, signal);
      await setCondition(deployment, past.admitted ? conditionText(release, past, running) : rolledOutText(release));
      return;
    }
    const judgement = await options.judge.judge(release, signal);
    const text = conditionText(release, judgement, running);
    if (judgement.admitted) {
      waiting.delete(key);
      // Written even where it says so already: the write is the nudge.
      await setCondition(deployment, text);
      options.onApproved?.(release, judgement);
      return;
    }
    if (!isSame(conditionOn(deployment), text)) await setCondition(deployment, text);
    const isNew = waiting.get(key) !== text.message;
    if (isNew) options.onWaiting?.(release, judgement);
    waiting.set(key, text.message);
    if (judgement.reason !== "Rejected" && judgement.reason !== "Untrusted") await ask(deployment, release, running);
  };
  const setCondition = async (deployment: KubeObject, text: ConditionText): Promise<void> => {
    const { namespace, name, uid } = deployment.metadata;
    const now = timeText(clock.now());
    const before = conditionOn(deployment);
    const isChange = before?.status !== text.status;
    const condition: Condition = {
      type: approvedCondition,
      ...text,
      lastUpdateTime: now,
      lastTransitionTime: (isChange ? undefined : before?.lastTransitionTime) ?? now,
    };
    await connection.request({
      method: "PATCH",
      path: `${objectPath(deploymentType, namespace, name)}/status`,
      query: { fieldManager: "kev-gate" },
      contentType: "application/strategic-merge-patch+json",
      // With the uid: one that was deleted and made again is another one.
      body: { metadata: { uid }, status: { conditions: [condition] } },
      signal,
    });
  };
  const ask = async (deployment: KubeObject, release: Release, running: string | undefined): Promise<void> => {
    await emit(connection, {
      what: "ApprovalRequired",
      object: deployment,
      message: requestText(release, running),
      component: "kev-gate",
      // One for each release, by however many gates.
      key: release.digest,
      once: true,
      fieldManager: "kev-gate",
      hostName: options.hostName,
      clock,
      signal,
    });
  };

  return {
    get waiting() {
      return waiting.size;
    },
    look: (deployment) => {
      queued.set(`${deployment.namespace}/${deployment.name}`, deployment);
      pump();
    },
    sweep: async (namespace) => {
      const target = { type: deploymentType, namespace, extent: "whole", signal } as const;
      const deployments = await readCollection(connection, target, undefined);
      const replicaSets = await listReplicaSets(connection, namespace, signal);
      const there = new Set<string>();
      for (const deployment of deployments) {
        const { name = "" } = deployment.metadata;
        there.add(`${namespace}/${name}`);
        const isOut = rolledOut(deployment, replicaSets).isOut;
        if (!isOut || conditionOn(deployment)?.status === "False")
          queued.set(`${namespace}/${name}`, { namespace, name });
      }
      for (const key of waiting.keys()) {
        if (key.startsWith(`${namespace}/`) && !there.has(key)) waiting.delete(key);
      }
      pump();
    },
    forget: (namespace) => {
      for (const key of waiting.keys()) if (key.startsWith(`${namespace}/`)) waiting.delete(key);
    },
    settled: async () => {
      while (active.size > 0) await Promise.all(active.values());
    },
  };
}

/** False for what makes no ReplicaSet, approved or not. */
function isRollingOut({ metadata, spec }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined && recordOf(spec).paused !== true;
}

function isSame(before: ConditionOnServer | undefined, text: ConditionText): boolean {
  return before?.status === text.status && before.reason === text.reason && before.message === text.message;
}

/** Bytes of a message's images; the rest must have room beside them. */
const longestImages = 500;

function requestText({ namespace, name, digest, images }: Release, running: string | undefined): string {
  const changes = truncateBytes(imageChanges(running, images), longestImages);
  return `Waits for approval: ${changes}; to approve: kev emit approve ${name} -n ${namespace} --digest ${digest}`;
}
