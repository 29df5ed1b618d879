import { decisionAnnotation } from "../events/decision.ts";
import type { KubeObject } from "../events/event.ts";
import { imageChanges } from "../events/image-changes.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import { recordOf } from "../util/is-record.ts";
import { approverOf } from "./decide.ts";
import type { Judgement } from "./judge.ts";
import type { Release } from "./release.ts";

/** One condition of a Deployment's status, the API's field names. */
export interface Condition {
  type: string;
  status: "True" | "False";
  reason: string;
  message: string;
  lastUpdateTime: string;
  /** When the status was last another one. */
  lastTransitionTime: string;
}

/** What a server has of a condition. */
export type ConditionOnServer = Record<"status" | "reason" | "message" | "lastTransitionTime", string | undefined>;

/** What a condition says. */
export type ConditionText = Pick<Condition, "status" | "reason" | "message">;

/** The condition that the gate keeps on Deployments: `kubectl wait --for=condition=kev.dev/Approved`. */
export const approvedCondition = "kev.dev/Approved";

/** What the condition says of a release: for people; no decision is taken by it. Pure. */
export function conditionText(release: Release, judgement: Judgement, running: string | undefined): ConditionText {
  const { digest } = release;
  const { event, reason } = judgement;
  const by = event ? `${approverOf(event) || "somebody"} (event ${event.metadata.name ?? ""})` : "";
  const status = judgement.admitted ? "True" : "False";
  const texts: Record<Judgement["reason"], string> = {
    Approved: `release ${digest} was approved by ${by}`,
    BreakGlass: `release ${digest} was let through without approval by ${by}: ${event?.message ?? ""}`,
    NotApproved: `release ${digest} (${imageChanges(running, release.images)}) waits for approval`,
    Rejected: `release ${digest} was rejected by ${by}`,
    Revoked: `the approval of release ${digest} was taken back by ${by}`,
    Expired: `the approval of release ${digest} by ${by} expired at ${expiryOf(event)}`,
    Untrusted: `release ${digest} waits, and no decision counts: ${"problem" in judgement ? judgement.problem : ""}`,
  };
  // What others wrote, down to the names of images, must not write lines of its own.
  return { status, reason, message: escapeTerminal(texts[reason]) };
}

/** What the condition says of a release that has its ReplicaSet: nothing is left to approve. */
export function rolledOutText({ digest }: Release): ConditionText {
  return { status: "True", reason: "RolledOut", message: `release ${digest} is rolled out` };
}

/** What the condition says of a release that nothing holds back any more. */
export function notGatedText({ digest }: Release): ConditionText {
  return {
    status: "True",
    reason: "NotGated",
    message: `release ${digest} needs no approval: its namespace is not gated`,
  };
}

/** A condition as it stands on a Deployment: what the server has of its texts. */
export function conditionOn({ status }: KubeObject, type: string = approvedCondition): ConditionOnServer | undefined {
  const { conditions } = recordOf(status);
  if (!Array.isArray(conditions)) return undefined;
  const condition = conditions.map(recordOf).find((candidate) => candidate.type === type);
  if (!condition) return undefined;
  const text = (field: string): string | undefined => {
    const value = condition[field];
    return typeof value === "string" ? value : undefined;
  };
  return {
    status: text("status"),
    reason: text("reason"),
    message: text("message"),
    lastTransitionTime: text("lastTransitionTime"),
  };
}

function expiryOf(event: Judgement["event"]): string {
  return event?.metadata.annotations?.[decisionAnnotation.expiresAt] ?? "";
}
