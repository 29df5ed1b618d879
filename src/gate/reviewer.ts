import type { KubeObject } from "../events/event.ts";
import { recordOf } from "../util/is-record.ts";
import {
  type AdmissionRequest,
  type AdmissionResponse,
  type AdmissionReview,
  answerReview,
  BadReviewError,
  parseReview,
} from "./admission-review.ts";
import { approverOf } from "./decide.ts";
import type { Judge, Judgement } from "./judge.ts";
import { type Release, releaseOfReplicaSet } from "./release.ts";

/** What became of one review, for logs and metrics. */
export interface ReviewOutcome {
  /** `failed`: nothing could be found out, so nothing was admitted. */
  result: "admitted" | "denied" | "failed";
  /** Why: a judgement's reason, `NotGated` for what needs no approval, `BadRequest`, `Timeout` or `Error`. */
  reason: string;
  /** Undefined for what is no release of a Deployment. */
  release?: Release | undefined;
  judgement?: Judgement | undefined;
  /** What went wrong. */
  error?: unknown;
  dryRun: boolean;
  /** From the whole text to the answer. */
  milliseconds: number;
}

export interface ReviewerOptions {
  onReview?: ((outcome: ReviewOutcome) => void) | undefined;
}

/** Answers the text of an AdmissionReview by one; never throws. */
export type Reviewer = (text: string, signal: AbortSignal) => Promise<AdmissionReview>;

/** The talk's words. Never another text: the Deployment controller folds its events by their message. */
export const denialMessage = "Your deployment must be approved";
export const failureMessage = "The approval of your deployment could not be checked";

/** The gate without HTTP: ReplicaSets of Deployments pass when their release is approved, everything else passes. */
export function createReviewer(judge: Pick<Judge, "judge">, { onReview }: ReviewerOptions = {}): Reviewer {
  return async (text, signal) => {
    const start = performance.now();
    const answered = (
      request: Pick<AdmissionRequest, "version" | "uid">,
      known: Omit<ReviewOutcome, "milliseconds">,
    ): AdmissionReview => {
      const outcome = { ...known, milliseconds: performance.now() - start };
      onReview?.(outcome);
      return answerReview(request, responseOf(outcome));
    };
    let request: AdmissionRequest;
    try {
      request = parseReview(text);
    } catch (error) {
      return answered(requestOf(error), { result: "failed", reason: "BadRequest", error, dryRun: false });
    }
    const { dryRun } = request;
    let release: Release | undefined;
    try {
      release = gatedRelease(request);
      if (!release) return answered(request, { result: "admitted", reason: "NotGated", dryRun });
      const judgement = await unlessAborted(judge.judge(release, signal), signal);
      const result = judgement.admitted ? "admitted" : "denied";
      return answered(request, { result, reason: judgement.reason, release, judgement, dryRun });
    } catch (error) {
      const reason = error instanceof BadReviewError ? "BadRequest" : signal.aborted ? "Timeout" : "Error";
      return answered(request, { result: "failed", reason, release, error, dryRun });
    }
  };
}

/** `result`, unless the signal aborts first: an answer must not wait for what does not listen. */
function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    result.then(resolve, reject);
  });
}

/** The release that a request wants to roll out; undefined for what needs no approval. */
function gatedRelease({ resource, operation, namespace, object, ...request }: AdmissionRequest): Release | undefined {
  if (resource !== "apps/replicasets" || operation !== "CREATE") return undefined;
  if (!object) throw new BadReviewError("the AdmissionReview has no object", request);
  if (!hasSoundOwners(object)) throw new BadReviewError("the AdmissionReview's object has malformed owners", request);
  // The request's namespace is the server's word.
  const release = releaseOfReplicaSet(object);
  if (!release) return undefined;
  if (namespace === "") throw new BadReviewError("the AdmissionReview names no namespace", request);
  return { ...release, namespace };
}

/** What stands in logs, events and requests later on must be text. */
function hasSoundOwners({ metadata }: KubeObject): boolean {
  const owners: unknown = metadata.ownerReferences ?? [];
  const fields = ["apiVersion", "kind", "name", "uid"];
  return (
    Array.isArray(owners) &&
    owners.map(recordOf).every((owner) => fields.every((field) => typeof owner[field] === "string"))
  );
}

function responseOf({ result, reason, release, judgement, error }: ReviewOutcome): AdmissionResponse {
  const event = judgement?.event;
  const { name = "", namespace = "" } = event?.metadata ?? {};
  const auditAnnotations = {
    decision: reason,
    approver: event ? approverOf(event) : "",
    event: event ? `${namespace}/${name}` : "",
    digest: release?.digest ?? "",
  };
  if (result === "admitted") return { allowed: true, auditAnnotations };
  if (result === "denied") {
    return { allowed: false, status: { code: 403, reason: "Forbidden", message: denialMessage }, auditAnnotations };
  }
  return { allowed: false, status: failureStatus(reason, error), auditAnnotations };
}

function failureStatus(reason: string, error: unknown): NonNullable<AdmissionResponse["status"]> {
  if (error instanceof BadReviewError) return { code: error.code, reason: "BadRequest", message: error.message };
  if (reason === "Timeout") return { code: 504, reason: "Timeout", message: failureMessage };
  return { code: 503, reason: "ServiceUnavailable", message: failureMessage };
}

function requestOf(error: unknown): Pick<AdmissionRequest, "version" | "uid"> {
  return error instanceof BadReviewError ? error : { version: "admission.k8s.io/v1", uid: "" };
}
