import type { KubeObject } from "../events/event.ts";
import { isRecord, recordOf } from "../util/is-record.ts";

/** `admission.k8s.io/v1` or `v1beta1`: an answer must be in the version of the question. */
export type ReviewVersion = "admission.k8s.io/v1" | "admission.k8s.io/v1beta1";

/** What the API server asks; the parts that the gate reads. */
export interface AdmissionRequest {
  version: ReviewVersion;
  uid: string;
  /** `GROUP/RESOURCE`, with `/SUBRESOURCE` for one: `apps/replicasets`. */
  resource: string;
  operation: string;
  namespace: string;
  /** Undefined for DELETE. */
  object: KubeObject | undefined;
  dryRun: boolean;
}

/** What the API server is told. */
export interface AdmissionResponse {
  allowed: boolean;
  /** For who made the object. */
  status?: { code: number; reason: string; message: string } | undefined;
  /** For the audit log; values of "" are left out. */
  auditAnnotations?: Readonly<Record<string, string>> | undefined;
}

/** An AdmissionReview that answers, as JSON on the wire. */
export interface AdmissionReview {
  apiVersion: ReviewVersion;
  kind: "AdmissionReview";
  response: { uid: string; allowed: boolean; status?: object; auditAnnotations?: Record<string, string> };
}

/** A text that asks nothing that can be answered by yes or no. As much as is known goes into the answer. */
export class BadReviewError extends Error {
  override readonly name = "BadReviewError";
  readonly code: number;
  readonly version: ReviewVersion;
  readonly uid: string;

  constructor(message: string, { code = 400, version = "admission.k8s.io/v1" as ReviewVersion, uid = "" } = {}) {
    super(message);
    this.code = code;
    this.version = version;
    this.uid = uid;
  }
}

/** What a text asks. Pure. @throws BadReviewError */
export function parseReview(text: string): AdmissionRequest {
  let review: unknown;
  try {
    review = JSON.parse(text);
  } catch {
    throw new BadReviewError("the body is no JSON");
  }
  if (!isRecord(review) || review.kind !== "AdmissionReview")
    throw new BadReviewError("the body is no AdmissionReview");
  const request = recordOf(review.request);
  const uid = typeof request.uid === "string" ? request.uid : "";
  const version = review.apiVersion;
  if (version !== "admission.k8s.io/v1" && version !== "admission.k8s.io/v1beta1") {
    throw new BadReviewError("the AdmissionReview is neither of v1 nor of v1beta1", { uid });
  }
  const bad = (what: string) => new BadReviewError(`the AdmissionReview ${what}`, { version, uid });
  if (uid === "") throw bad("has no uid");
  const { operation, namespace = "", object, subResource, dryRun } = request;
  const { group = "", resource } = recordOf(request.resource);
  if (typeof operation !== "string" || typeof resource !== "string") throw bad("names no resource or no operation");
  if (typeof group !== "string" || typeof namespace !== "string") throw bad("names no resource or no namespace");
  const parts = [group, resource, ...(typeof subResource === "string" && subResource !== "" ? [subResource] : [])];
  return {
    version,
    uid,
    resource: parts.join("/"),
    operation,
    namespace,
    object: isObject(object) ? object : undefined,
    dryRun: dryRun === true,
  };
}

/** The answer to a request, or to what could not be read as one. Pure. */
export function answerReview(
  { version, uid }: Pick<AdmissionRequest, "version" | "uid">,
  { allowed, status, auditAnnotations = {} }: AdmissionResponse,
): AdmissionReview {
  const annotations = Object.entries(auditAnnotations).filter(([, value]) => value !== "");
  return {
    apiVersion: version,
    kind: "AdmissionReview",
    response: {
      uid,
      allowed,
      ...(status && { status: { status: "Failure", ...status } }),
      ...(annotations.length > 0 && { auditAnnotations: Object.fromEntries(annotations) }),
    },
  };
}

function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && isRecord(value.metadata);
}
