import { decisionAnnotation } from "../events/decision.ts";
import type { KubeEvent, KubeObject } from "../events/event.ts";
import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { readCollection, readObject } from "../kube/read-objects.ts";
import { builtInType } from "../kube/resource-table.ts";
import { listReplicaSets, replicaSetsOf, rolledOut } from "../read/replica-sets.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { oncePer } from "../util/once-per.ts";
import { isRollingOut } from "./announcer.ts";
import { conditionOn } from "./approved-condition.ts";
import { approverOf, isDecisionOfApps, isTrusted } from "./decide.ts";
import { byServerOrder } from "./decision-order.ts";
import { defaultNamespaceLabel } from "./gate-defaults.ts";
import { createJudge, type GateRules, type Judgement } from "./judge.ts";
import type { Trust } from "./policy-trust.ts";
import { releaseOfDeployment } from "./release.ts";

/** A decision about a Deployment, of whatever release. */
export interface DecisionSummary {
  reason: string;
  /** As it says itself. */
  approver: string;
  /** RFC 3339, the server's. */
  time: string;
  /** Of the event. */
  name: string;
  message: string;
  digest: string | undefined;
  expiresAt: string | undefined;
  /** False where nothing proves who wrote it; the gate does not go by it. */
  counts: boolean;
}

/** How the release of one Deployment stands. */
export interface ReleaseStatus {
  namespace: string;
  name: string;
  /** `RolledOut`: its ReplicaSet is there; else what the gate would say. */
  state: Judgement["reason"] | "RolledOut";
  /** Whether the gate would let it through, or has. */
  approved: boolean;
  /** Whether releases in its namespace are held back at all; true where that cannot be told. */
  gated: boolean;
  /** RFC 3339; since when it is known to wait, undefined for what does not or where nothing tells. */
  since: string | undefined;
  digest: string;
  images: { running: string | undefined; wanted: string };
  /** Oldest first. */
  decisions: DecisionSummary[];
  /** Why no decision counts, where that is so. */
  problem: string | undefined;
}

export interface GateStatusOptions extends GateRules {
  /** Default: the connection's. */
  namespace?: string | undefined;
  allNamespaces?: boolean | undefined;
  /** `KEY=VALUE` of gated namespaces; default `requireApproval=true`. */
  namespaceLabel?: string | undefined;
  /** Of one Deployment; default: all that wait. */
  name?: string | undefined;
  signal?: AbortSignal | undefined;
  clock?: Clock | undefined;
}

const deploymentType = builtInType("apps", "deployments");
const concurrency = 8;

/**
 * How releases stand, as a gate with these rules would judge them now: the one that is named, or all in gated namespaces
 * that are not rolled out.
 *
 * Needs get (list for all) on deployments, list on replicasets and events, get on namespaces (without it every namespace
 * counts as gated), and with `trust: policy` get on validatingadmissionpolicies and validatingadmissionpolicybindings
 * (without them no decision counts, and `problem` says so).
 *
 * @throws ApiError, UnreachableError
 */
export async function gateStatus(connection: Connection, options: GateStatusOptions = {}): Promise<ReleaseStatus[]> {
  const { signal, clock = systemClock, name } = options;
  const namespace = options.allNamespaces ? undefined : options.namespace || connection.namespace;
  const target = { type: deploymentType, namespace, extent: "whole", signal } as const;
  const deployments = name
    ? [await readObject(connection, target, name)]
    : await readCollection(connection, target, undefined);
  const judge = createJudge(connection, options, { clock });
  const replicaSetsIn = oncePer((where: string) => listReplicaSets(connection, where, { signal }));
  const trustOf = oncePer((where: string) => judge.trust(where, signal).catch(unreadable));
  const isGated = oncePer((where: string) => isGatedNamespace(connection, where, options));
  const statusOf = async (deployment: KubeObject): Promise<ReleaseStatus | undefined> => {
    const release = releaseOfDeployment(deployment);
    const gated = await isGated(release.namespace);
    if (name === undefined && !(gated && isRollingOut(deployment))) return undefined;
    const replicaSets = await (name ? replicaSetsOf(connection, deployment, signal) : replicaSetsIn(release.namespace));
    const { isOut, running } = rolledOut(deployment, replicaSets);
    if (isOut && name === undefined) return undefined;
    const decisions = await judge.decisions(release, signal);
    const trust = await trustOf(release.namespace);
    const judgement = judge.judgeBy(decisions, release, trust);
    const approved = isOut || judgement.admitted;
    return {
      namespace: release.namespace,
      name: release.name,
      state: isOut ? "RolledOut" : judgement.reason,
      approved,
      gated,
      since: approved ? undefined : waitingSince(deployment),
      digest: release.digest,
      images: { running, wanted: release.images },
      decisions: decisions
        .filter(({ involvedObject }) => involvedObject.uid === release.uid)
        .sort(byServerOrder)
        .map((event) => summaryOf(event, trust)),
      problem: "problem" in judgement ? judgement.problem : undefined,
    };
  };
  const rows: ReleaseStatus[] = [];
  for await (const row of mapConcurrent(deployments, concurrency, statusOf)) if (row) rows.push(row);
  return rows;
}

/** Whether a namespace bears the label. Who may not read it is told what a gate would say of its releases. */
async function isGatedNamespace(
  connection: Connection,
  name: string,
  { namespaceLabel = defaultNamespaceLabel, signal }: GateStatusOptions,
): Promise<boolean> {
  const target = { type: builtInType("", "namespaces"), namespace: undefined, extent: "metadata", signal } as const;
  const [key = "", value] = namespaceLabel.split("=");
  try {
    return (await readObject(connection, target, name)).metadata.labels?.[key] === value;
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus === 403) return true;
    throw error;
  }
}

/** Who may not read the policy learns what there is, but not that a decision counts. */
function unreadable(error: unknown): { problem: string } {
  if (!(error instanceof ApiError) || error.httpStatus !== 403) throw error;
  return { problem: `you may not read the policy that proves who decided: ${error.message}` };
}

// For people only: what a condition says decides nothing.
function waitingSince(deployment: KubeObject): string | undefined {
  const own = conditionOn(deployment);
  if (own?.status === "False") return own.lastTransitionTime;
  const progress = conditionOn(deployment, "Progressing");
  return progress?.reason === "ReplicaSetCreateError" ? progress.lastTransitionTime : undefined;
}

function summaryOf(event: KubeEvent, trust: Trust | undefined): DecisionSummary {
  const { name = "", creationTimestamp = "", annotations } = event.metadata;
  return {
    reason: event.reason ?? "",
    approver: approverOf(event),
    time: creationTimestamp,
    name,
    message: event.message ?? "",
    digest: annotations?.[decisionAnnotation.digest],
    expiresAt: annotations?.[decisionAnnotation.expiresAt],
    counts: trust === undefined || (!("problem" in trust) && isDecisionOfApps(event) && isTrusted(event, trust)),
  };
}
