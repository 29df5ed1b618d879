import { decisionAnnotation } from "../events/decision.ts";
import type { KubeEvent } from "../events/event.ts";
import { decisionOf } from "../events/presets.ts";
import { byServerOrder, byVersion } from "./decision-order.ts";
import type { Release } from "./release.ts";

/**
 * What an approval holds for. `release`: one pod template of one Deployment; `object`: any template of this Deployment;
 * `name`: whatever Deployment bears the name, as in the talk.
 */
export type Bind = "release" | "object" | "name";

export interface DecideOptions {
  bind: Bind;
  /** The gate's own time; expiry is judged by it. */
  now: Date;
  /**
   * Events must name their approver, and be written later than this: what proves who wrote them came then. Undefined: any
   * event counts, whoever wrote it.
   */
  trustedSince?: Date | undefined;
  /** `kubectl rollout restart` makes no other release. Default false. */
  ignoreRestarts?: boolean | undefined;
}

/** Why a release may roll out, or may not. */
export type Verdict =
  | { admitted: true; reason: "Approved" | "BreakGlass"; event: KubeEvent; approver: string }
  /** `event` is the decision that forbids it, where there is one. */
  | { admitted: false; reason: "NotApproved" | "Rejected" | "Revoked" | "Expired"; event?: KubeEvent };

/**
 * Whether a release may roll out, by the decisions about its Deployment. Pure: no I/O, no clock.
 *
 * A rejection holds for everybody, until its author takes it back. Otherwise one approval is enough that has not expired
 * and that its author has not taken back since; a BreakGlass event is one for this very release, whatever `bind` says.
 * Decisions stand in the order in which the server has taken them; times that their writers give count for nothing. An
 * expiry that cannot be read has passed.
 *
 * @param events of the namespace; those about anything else are no decisions
 */
export function decide(release: Release, events: readonly KubeEvent[], options: DecideOptions): Verdict {
  const decisions = events.filter((event) => isAbout(event, release, options) && isTrusted(event, options));
  // What the policy guards cannot be changed: its version says when it was made, by whichever server's clock.
  const order = options.trustedSince ? byVersion : byServerOrder;
  decisions.sort(order);
  /** By author and reason: the decisions that nobody has taken back. */
  const standing = new Map<string, KubeEvent>();
  let revoked: KubeEvent | undefined;
  for (const event of decisions) {
    const author = approverOf(event);
    if (event.reason === "ApprovalRevoked") {
      for (const reason of ["Approval", "ApprovalRejected", "BreakGlass"]) {
        if (standing.delete(`${reason} ${author}`) && reason !== "ApprovalRejected") revoked = event;
      }
    } else {
      standing.set(`${event.reason} ${author}`, event);
    }
  }
  const all = [...standing.values()];
  const rejection = all.find(({ reason }) => reason === "ApprovalRejected");
  if (rejection) return { admitted: false, reason: "Rejected", event: rejection };
  const approvals = all.filter(({ reason }) => reason !== "ApprovalRejected").sort(order);
  const valid = approvals.findLast((event) => !isExpired(event, options.now));
  if (valid) {
    const reason = valid.reason === "BreakGlass" ? "BreakGlass" : "Approved";
    return { admitted: true, reason, event: valid, approver: approverOf(valid) };
  }
  const expired = approvals.at(-1);
  if (expired) return { admitted: false, reason: "Expired", event: expired };
  return revoked ? { admitted: false, reason: "Revoked", event: revoked } : { admitted: false, reason: "NotApproved" };
}

/** The user that a decision says it is from; "" where it does not say. */
export function approverOf({ metadata }: KubeEvent): string {
  return metadata.annotations?.[decisionAnnotation.approver] ?? "";
}

/** Whether an event is a decision about a Deployment, of whatever group and name. */
export function isDecision({ reason = "", involvedObject }: KubeEvent): boolean {
  return decisionOf(reason) !== undefined && involvedObject.kind === "Deployment";
}

/** As {@link isDecision}, about what the policy on decisions looks at. */
export function isDecisionOfApps(event: KubeEvent): boolean {
  return isDecision(event) && (event.involvedObject.apiVersion ?? "").startsWith("apps/");
}

// A gate that matched the uid alone would let who may approve `a` approve `b`: the policy on events authorises the name.
function isAbout(event: KubeEvent, release: Release, options: DecideOptions): boolean {
  const { bind, trustedSince, ignoreRestarts = false } = options;
  const { involvedObject: object, metadata, reason } = event;
  if (!isDecision(event) || object.name !== release.name) return false;
  if (metadata.namespace !== release.namespace) return false;
  // What the policy does not look at must not count where it is trusted; the talk's gate reads no group.
  const isOfApps = isDecisionOfApps(event);
  if (bind === "name" && reason !== "BreakGlass") return isOfApps || trustedSince === undefined;
  const isWhole = isOfApps && object.namespace === release.namespace && object.uid === release.uid;
  if (!isWhole) return false;
  return (bind === "object" && reason !== "BreakGlass") || names(event, release, ignoreRestarts);
}

/** Whether a decision names this release. */
function names({ metadata }: KubeEvent, release: Release, ignoreRestarts: boolean): boolean {
  const { [decisionAnnotation.digest]: digest, [decisionAnnotation.restartlessDigest]: restartless = digest } =
    metadata.annotations ?? {};
  return ignoreRestarts ? restartless === release.restartlessDigest : digest === release.digest;
}

/** Whether it is proved who wrote a decision, where that is asked for. */
export function isTrusted(event: KubeEvent, { trustedSince }: Pick<DecideOptions, "trustedSince">): boolean {
  if (trustedSince === undefined) return true;
  const created = Date.parse(event.metadata.creationTimestamp ?? "");
  return approverOf(event) !== "" && created > trustedSince.getTime();
}

function isExpired({ metadata }: KubeEvent, now: Date): boolean {
  const text = metadata.annotations?.[decisionAnnotation.expiresAt];
  if (text === undefined) return false;
  // A comparison with NaN is false. A number by itself would be read as a year.
  return !/^\d{4}-\d\d-\d\dT/.test(text) || !(Date.parse(text) > now.getTime());
}
