import { setMaxListeners } from "node:events";
import type { StreamingConnection } from "../kube/connect.ts";
import type { FailedStep } from "../kube/list-watch/list-watch-step.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import type { Readiness } from "../metrics/monitoring-pages.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { errorMessage } from "../util/file-error.ts";
import { type AnnouncerOptions, createAnnouncer } from "./announcer.ts";
import { isDecision, isDecisionOfApps } from "./decide.ts";
import { createDecisionWatch } from "./decision-watch.ts";
import { defaultNamespaceLabel } from "./gate-defaults.ts";
import { createGatedNamespaces } from "./gated-namespaces.ts";
import { createJudge, type GateRules } from "./judge.ts";
import type { Release } from "./release.ts";
import { createReviewer, type Reviewer, type ReviewOutcome } from "./reviewer.ts";
import { createWorkQueue } from "./work-queue.ts";

export interface GateOptions extends GateRules {
  /** `KEY=VALUE` of gated namespaces; default `requireApproval=true`. */
  namespaceLabel?: string | undefined;
  /** Not gated, whatever their labels, beside kube-system and kube-node-lease. */
  excludedNamespaces?: readonly string[] | undefined;
  clock?: Clock | undefined;
  hostName?: (() => string) | undefined;
  onReview?: ((outcome: ReviewOutcome) => void) | undefined;
  onApproved?: AnnouncerOptions["onApproved"];
  onWaiting?: AnnouncerOptions["onWaiting"];
  /** A Deployment could not be looked at, or marked. */
  onFailed?: AnnouncerOptions["onFailed"];
  /** Something that is read all the time could not be, and is tried again. */
  onReadFailed?: ((what: "decisions" | "namespaces" | "deployments", failure: ReadFailure) => void) | undefined;
}

export type ReadFailure = Pick<FailedStep, "error" | "retryIn"> | { error: unknown; retryIn: number };

export type { Readiness };

/** A gate without a server around it. */
export interface Gate {
  /** Answers the text of an AdmissionReview; never throws. */
  readonly review: Reviewer;
  /** How many releases wait. */
  readonly waiting: number;
  /** Whether it can decide, asked of the API server. Never throws. */
  readiness(signal: AbortSignal): Promise<Readiness[]>;
  /**
   * Watches decisions and gated namespaces, marks what waits, until the signal aborts. @throws what will be refused for
   * ever, like a missing right to watch
   */
  run(): Promise<void>;
}

/** Milliseconds between sweeps without a cause: for what nothing has told of, like a rollback or an expired approval. */
const sweepEvery = 300_000;
/** Milliseconds after which a ReplicaSet that was admitted is there. */
const admittedAfter = 1_000;

/**
 * The gate: reviews of ReplicaSets, and beside them the condition and the event that tell people.
 *
 * Needs list, watch, get and create on events, get and list on deployments, patch on deployments/status, list on
 * replicasets, get, list and watch on namespaces; with `trust: policy` also get on validatingadmissionpolicies and
 * validatingadmissionpolicybindings.
 */
export function createGate(connection: StreamingConnection, signal: AbortSignal, options: GateOptions = {}): Gate {
  const { clock = systemClock, namespaceLabel = defaultNamespaceLabel, onReadFailed } = options;
  const stopped = new AbortController();
  const running = AbortSignal.any([signal, stopped.signal]);
  // Each request under way listens to it.
  setMaxListeners(0, running, stopped.signal);
  /** Nothing mends what was refused from the first; the gate must not look as if it worked. */
  let hopeless: unknown;
  const failed = (what: "decisions" | "namespaces", step: FailedStep): void => {
    onReadFailed?.(what, step);
    if (!isHopeless(step)) return;
    hopeless = step.error;
    stopped.abort(step.error);
  };

  const decisions = createDecisionWatch(connection, {
    clock,
    // What the policy does not look at counts for nothing where it is trusted.
    matcher: options.trust === "any" ? isDecision : isDecisionOfApps,
    onDecision: (deployment) => {
      if (namespaces.has(deployment.namespace)) announcer.look(deployment);
    },
    // Something may have been missed; the first time, the gate was not there at all.
    onSynced: () => sweepAll(),
    onFailed: (step) => failed("decisions", step),
  });
  const judge = createJudge(connection, options, { known: decisions, clock });
  const { onApproved, onWaiting, onFailed, hostName } = options;
  const announcer = createAnnouncer(connection, {
    judge,
    signal: running,
    clock,
    hostName,
    isGated: (namespace) => namespaces.has(namespace),
    onApproved,
    onWaiting,
    onFailed,
  });
  const namespaces = createGatedNamespaces(connection, {
    label: namespaceLabel,
    excluded: options.excludedNamespaces,
    clock,
    onAdded: (namespace) => sweeps.add(namespace),
    onRemoved: (namespace) => sweeps.add(namespace),
    onFailed: (step) => failed("namespaces", step),
  });

  const sweeps = createWorkQueue<string>({
    keyOf: (namespace) => namespace,
    work: announcer.sweep,
    concurrency: 2,
    tries: 6,
    signal: running,
    clock,
    onFailed: (_namespace, error, retryIn = sweepEvery) => onReadFailed?.("deployments", { error, retryIn }),
  });
  const sweepAll = (): void => namespaces.all().forEach(sweeps.add);
  const sweepNowAndThen = async (): Promise<void> => {
    while (!running.aborted) {
      await clock.sleep(sweepEvery, running).catch(() => undefined);
      if (!running.aborted) sweepAll();
    }
  };

  const admitted = new Set<string>();
  const markAdmitted = async (release: Release): Promise<void> => {
    const key = `${release.namespace}/${release.name}`;
    // However often it is asked about meanwhile.
    if (admitted.has(key)) return;
    admitted.add(key);
    await clock.sleep(admittedAfter, running).catch(() => undefined);
    admitted.delete(key);
    announcer.lookAtAdmitted(release);
  };

  return {
    review: createReviewer(judge, {
      onReview: (outcome) => {
        options.onReview?.(outcome);
        const { release, dryRun, result } = outcome;
        if (!release || dryRun) return;
        // Whatever kept it from being admitted: when that has passed, somebody must make the controller try again.
        if (result !== "admitted") announcer.look(release);
        else void markAdmitted(release);
      },
    }),
    get waiting() {
      return announcer.waiting;
    },
    readiness: async (asking) => [
      { check: "decision-watch", problem: decisions.hasSynced ? undefined : "no decisions have been read yet" },
      { check: "policy", problem: await trustProblem(judge.trust(undefined, asking)) },
    ],
    run: async () => {
      await Promise.all([decisions.run(running), namespaces.run(running), sweepNowAndThen()]);
      await sweeps.settled();
      await announcer.settled();
      if (hopeless !== undefined) throw hopeless;
    },
  };
}

async function trustProblem(trust: ReturnType<ReturnType<typeof createJudge>["trust"]>): Promise<string | undefined> {
  try {
    const found = await trust;
    return found && "problem" in found ? found.problem : undefined;
  } catch (error) {
    return `the policy cannot be read: ${errorMessage(error)}`;
  }
}
