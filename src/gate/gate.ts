import type { StreamingConnection } from "../kube/connect.ts";
import type { FailedStep } from "../kube/list-watch/list-watch-step.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { errorMessage } from "../util/file-error.ts";
import { type AnnouncerOptions, createAnnouncer } from "./announcer.ts";
import { createDecisionWatch } from "./decision-watch.ts";
import { createGatedNamespaces } from "./gated-namespaces.ts";
import { createJudge, type GateRules } from "./judge.ts";
import { createReviewer, type Reviewer, type ReviewOutcome } from "./reviewer.ts";

export interface GateOptions extends GateRules {
  /** `KEY=VALUE` of gated namespaces; default `requireApproval=true`. */
  namespaceLabel?: string | undefined;
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

/** Why a gate should not be asked; each is a line of `/readyz`. */
export interface Readiness {
  check: string;
  /** Undefined: all is well. */
  problem: string | undefined;
}

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

/**
 * The gate: reviews of ReplicaSets, and beside them the condition and the event that tell people.
 *
 * Needs list, watch, get and create on events, get and list on deployments, patch on deployments/status, list on
 * replicasets, get, list and watch on namespaces; with `trust: policy` also get on validatingadmissionpolicies and
 * validatingadmissionpolicybindings.
 */
export function createGate(connection: StreamingConnection, signal: AbortSignal, options: GateOptions = {}): Gate {
  const { clock = systemClock, namespaceLabel = "requireApproval=true", onReadFailed } = options;
  const stopped = new AbortController();
  const running = AbortSignal.any([signal, stopped.signal]);
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
    onDecision: (deployment) => {
      if (namespaces.has(deployment.namespace)) announcer.look(deployment);
    },
    // Something may have been missed; the first time, the gate was not there at all.
    onSynced: () => void sweepAll(),
    onFailed: (step) => failed("decisions", step),
  });
  const judge = createJudge(connection, options, { known: decisions, clock });
  const { onApproved, onWaiting, onFailed, hostName } = options;
  const announcing = { judge, signal: running, clock, hostName, onApproved, onWaiting, onFailed };
  const announcer = createAnnouncer(connection, announcing);
  const namespaces = createGatedNamespaces(connection, {
    label: namespaceLabel,
    clock,
    onAdded: (namespace) => void sweep(namespace),
    onRemoved: (namespace) => announcer.forget(namespace),
    onFailed: (step) => failed("namespaces", step),
  });

  const sweep = async (namespace: string): Promise<void> => {
    try {
      await announcer.sweep(namespace);
    } catch (error) {
      if (!running.aborted) onReadFailed?.("deployments", { error, retryIn: sweepEvery });
    }
  };
  const sweepAll = async (): Promise<void> => {
    for (const namespace of namespaces.all()) if (!running.aborted) await sweep(namespace);
  };
  const sweepNowAndThen = async (): Promise<void> => {
    while (!running.aborted) {
      await clock.sleep(sweepEvery, running).catch(() => undefined);
      if (!running.aborted) await sweepAll();
    }
  };

  return {
    review: createReviewer(judge, {
      onReview: (outcome) => {
        options.onReview?.(outcome);
        const { release, dryRun, result } = outcome;
        // Whatever kept it from being admitted: when that has passed, somebody must make the controller try again.
        if (release && result !== "admitted" && !dryRun) announcer.look(release);
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
