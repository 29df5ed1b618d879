import type { KubeObject } from "../events/event.ts";
import { imageChanges } from "../events/image-changes.ts";
import { truncateBytes } from "../events/limits.ts";
import type { Connection } from "../kube/connection.ts";
import { findObject, readCollection } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";
import { listReplicaSets, replicaSetsOf, rolledOut } from "../read/replica-sets.ts";
import { emit } from "../record/emit.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import { recordOf } from "../util/is-record.ts";
import {
  type ConditionOnServer,
  type ConditionText,
  conditionOn,
  conditionText,
  notGatedText,
  rolledOutText,
} from "./approved-condition.ts";
import type { Judge, Judgement } from "./judge.ts";
import { type Release, releaseOfDeployment } from "./release.ts";
import { setCondition } from "./set-condition.ts";
import { createWorkQueue } from "./work-queue.ts";

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
  /** Whether releases of a namespace are held back; default: of all. */
  isGated?: ((namespace: string) => boolean) | undefined;
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
  /** Looks at one whose release was admitted, and tells nobody to try again. */
  lookAtAdmitted(deployment: DeploymentName): void;
  /**
   * Looks at all of a namespace that wait, or that say so; when it is not gated any more, tells those that nothing holds
   * them back. Throws what reading and writing throw.
   */
  sweep(namespace: string): Promise<void>;
  /** How many releases wait. */
  readonly waiting: number;
  /** Resolves when nothing is left to look at. */
  settled(): Promise<void>;
}

interface Look extends DeploymentName {
  isAdmitted?: boolean;
}

const deploymentType = builtInType("apps", "deployments");

/**
 * Needs get and list on deployments, patch on deployments/status, list on replicasets, get and create on events, beside what
 * the judge needs.
 */
export function createAnnouncer(connection: Connection, options: AnnouncerOptions): Announcer {
  const { judge, signal, clock = systemClock, isGated = () => true } = options;
  /** What waits, and what was last said of it. */
  const waiting = new Map<string, string>();

  const mark = (deployment: KubeObject, text: ConditionText): Promise<void> =>
    setCondition(connection, deployment, text, { clock, signal });

  const lookAt = async ({ namespace, name, isAdmitted = false }: Look): Promise<void> => {
    const key = keyOf({ namespace, name });
    const deployment = await findObject(connection, { type: deploymentType, namespace, extent: "whole", signal }, name);
    if (!deployment || !isRollingOut(deployment) || !isGated(namespace)) {
      waiting.delete(key);
      return;
    }
    const release = releaseOfDeployment(deployment);
    const { isOut, running } = rolledOut(deployment, await replicaSetsOf(connection, deployment, signal));
    if (isOut) {
      waiting.delete(key);
      if (isAbout(conditionOn(deployment), release)) return;
      // The controller has tried again by itself before it was told to, or has gone back to a release that was out.
      const past = await judge.judge(release, signal);
      await mark(deployment, past.admitted ? conditionText(release, past, running) : rolledOutText(release));
      return;
    }
    // What keeps a release that was admitted from having its ReplicaSet, a quota perhaps, is not for the gate to tell.
    if (isAdmitted) return;
    const judgement = await judge.judge(release, signal);
    const text = conditionText(release, judgement, running);
    if (judgement.admitted) {
      waiting.delete(key);
      // Written even where it says so already: the write is the nudge.
      await mark(deployment, text);
      options.onApproved?.(release, judgement);
      return;
    }
    if (!isSame(conditionOn(deployment), text)) await mark(deployment, text);
    const isNew = waiting.get(key) !== text.message;
    if (isNew) options.onWaiting?.(release, judgement);
    // The label may have gone meanwhile.
    if (isGated(namespace)) waiting.set(key, text.message);
    if (judgement.reason !== "Rejected" && judgement.reason !== "Untrusted") await ask(deployment, release, running);
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
  const looks = createWorkQueue<Look>({
    keyOf: (look) => (look.isAdmitted ? `${keyOf(look)} admitted` : keyOf(look)),
    work: lookAt,
    concurrency: 4,
    tries: 6,
    signal,
    clock,
    onFailed: ({ namespace, name }, error, retryIn) => options.onFailed?.({ namespace, name }, error, retryIn),
  });
  const forgetAllBut = (namespace: string, known: ReadonlySet<string>): void => {
    for (const key of waiting.keys()) if (key.startsWith(`${namespace}/`) && !known.has(key)) waiting.delete(key);
  };

  return {
    get waiting() {
      return waiting.size;
    },
    look: ({ namespace, name }) => looks.add({ namespace, name }),
    lookAtAdmitted: ({ namespace, name }) => looks.add({ namespace, name, isAdmitted: true }),
    sweep: async (namespace) => {
      const target = { type: deploymentType, namespace, extent: "whole", signal } as const;
      const deployments = await readCollection(connection, target, undefined);
      const said = deployments.filter((deployment) => conditionOn(deployment)?.status === "False");
      if (!isGated(namespace)) {
        forgetAllBut(namespace, new Set());
        for (const deployment of said) {
          if (isRollingOut(deployment)) await mark(deployment, notGatedText(releaseOfDeployment(deployment)));
        }
        return;
      }
      const replicaSets = await listReplicaSets(connection, namespace, { signal });
      const open = deployments.filter((deployment) => !rolledOut(deployment, replicaSets).isOut);
      const found = [...new Set([...said, ...open])].map(({ metadata: { name = "" } }) => ({ namespace, name }));
      forgetAllBut(namespace, new Set(found.map(keyOf)));
      for (const deployment of found) looks.add(deployment);
    },
    settled: looks.settled,
  };
}

function keyOf({ namespace, name }: DeploymentName): string {
  return `${namespace}/${name}`;
}

/** False for what makes no ReplicaSet, approved or not. */
export function isRollingOut({ metadata, spec }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined && recordOf(spec).paused !== true;
}

/** Whether it says already that this release may roll out. */
function isAbout(condition: ConditionOnServer | undefined, { digest }: Release): boolean {
  return condition?.status === "True" && condition.message?.includes(digest) === true;
}

function isSame(before: ConditionOnServer | undefined, text: ConditionText): boolean {
  return before?.status === text.status && before.reason === text.reason && before.message === text.message;
}

/** Bytes of a message's images; the rest must have room beside them. */
const longestImages = 500;

function requestText({ namespace, name, digest, images }: Release, running: string | undefined): string {
  const changes = truncateBytes(escapeTerminal(imageChanges(running, images)), longestImages);
  return `Waits for approval: ${changes}; to approve: kev emit approve ${name} -n ${namespace} --digest ${digest}`;
}
