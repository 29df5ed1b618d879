import type { KubeEvent } from "../events/event.ts";
import { fieldSelector } from "../events/field-selector.ts";
import type { Connection } from "../kube/connection.ts";
import { findObject } from "../kube/read-objects.ts";
import { eventType, listEvents } from "../read/list-events.ts";
import { type Clock, systemClock } from "../util/clock.ts";
import { type Bind, decide, isDecision, type Verdict } from "./decide.ts";
import { defaultPolicyName } from "./gate-defaults.ts";
import { readTrust, type Trust } from "./policy-trust.ts";
import type { Release } from "./release.ts";

/** What a gate goes by; all optional. */
export interface GateRules {
  /** Default `release`. */
  bind?: Bind | undefined;
  /**
   * `policy` (default): decisions count when the policy of {@link decisionPolicy} proves who wrote them. `any`: whoever may
   * write events may decide, as in the talk.
   */
  trust?: "policy" | "any" | undefined;
  /** Of the policy and its binding; default `kev-decisions`. */
  policyName?: string | undefined;
  /** `kubectl rollout restart` makes no other release. Default false. */
  ignoreRestarts?: boolean | undefined;
}

/** The decisions that a watch has seen. */
export interface KnownDecisions {
  /** False while the watch is broken: what it has seen may be old. */
  readonly isConnected: boolean;
  /** Those about Deployments of this name. */
  about(namespace: string, name: string): readonly KubeEvent[];
}

/** What a gate says of a release; `Untrusted`: nothing proves who wrote decisions, so none counts. */
export type Judgement = Verdict | { admitted: false; reason: "Untrusted"; problem: string; event?: undefined };

export interface Judge {
  /**
   * Whether a release may roll out, now. It may be admitted by what the watch has seen, once the API server has confirmed
   * that the event is still there; it is never denied but by a list.
   *
   * @throws ApiError, UnreachableError: nothing is known then, and nothing may be admitted
   */
  judge(release: Release, signal?: AbortSignal): Promise<Judgement>;
  /** Likewise, by decisions that were just listed, and by what {@link Judge.trust} has said. */
  judgeBy(decisions: readonly KubeEvent[], release: Release, trust: Trust | undefined): Judgement;
  /** Whether decisions in a namespace count at all. Throws likewise. */
  trust(namespace: string | undefined, signal?: AbortSignal): Promise<Trust | undefined>;
  /** The decisions about Deployments of the release's name, by a list. Throws likewise. */
  decisions(release: Pick<Release, "namespace" | "name">, signal?: AbortSignal): Promise<KubeEvent[]>;
}

/**
 * Needs list and get on events in the namespaces of releases, and with `trust: policy` get on
 * validatingadmissionpolicies, validatingadmissionpolicybindings and namespaces.
 */
export function createJudge(
  connection: Connection,
  rules: GateRules = {},
  { known, clock = systemClock }: { known?: KnownDecisions | undefined; clock?: Clock | undefined } = {},
): Judge {
  const { bind = "release", ignoreRestarts } = rules;
  const policyName = rules.policyName ?? defaultPolicyName;
  const trust: Judge["trust"] = async (namespace, signal) =>
    rules.trust === "any" ? undefined : await readTrust(connection, { name: policyName, namespace, signal });
  const verdict = (release: Release, events: readonly KubeEvent[], trusted?: Trust): Judgement => {
    if (trusted && "problem" in trusted) return { admitted: false, reason: "Untrusted", ...trusted };
    return decide(release, events, { bind, ignoreRestarts, now: clock.now(), trustedSince: trusted?.trustedSince });
  };
  const decisions: Judge["decisions"] = async ({ namespace, name }, signal) => {
    const fields = fieldSelector({ "involvedObject.kind": "Deployment", "involvedObject.name": name });
    return await listEvents(connection, { namespace, fieldSelector: fields, matcher: isDecision, signal });
  };
  /** Admitted by what is known, or undefined. */
  const knownVerdict = async (release: Release, trusted: Promise<Trust | undefined>, signal?: AbortSignal) => {
    if (!known?.isConnected) return undefined;
    const events = known.about(release.namespace, release.name);
    const likely = verdict(release, events);
    if (!likely.admitted) return undefined;
    const [isThere, trust] = await Promise.all([isUnchanged(connection, likely.event, signal), trusted]);
    const judged = verdict(release, events, trust);
    return isThere && judged.admitted && judged.event === likely.event ? judged : undefined;
  };
  return {
    trust,
    decisions,
    judgeBy: (events, release, trusted) => verdict(release, events, trusted),
    judge: async (release, signal) => {
      const trusted = trust(release.namespace, signal);
      // Awaited below, maybe after something else has failed.
      trusted.catch(() => undefined);
      const quick = await knownVerdict(release, trusted, signal);
      if (quick) return quick;
      const [events, trust_] = await Promise.all([decisions(release, signal), trusted]);
      return verdict(release, events, trust_);
    },
  };
}

/** Whether an event is still as the watch has seen it; anything else than yes is found out by a list. */
async function isUnchanged(connection: Connection, event: KubeEvent, signal?: AbortSignal): Promise<boolean> {
  const { name = "", namespace, uid, resourceVersion } = event.metadata;
  const found = await findObject(connection, { type: eventType, namespace, extent: "metadata", signal }, name);
  return found !== undefined && found.metadata.uid === uid && found.metadata.resourceVersion === resourceVersion;
}
