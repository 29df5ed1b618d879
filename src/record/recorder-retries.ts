import { ApiError } from "../kube/api-error.ts";
import { BadAnswerError } from "../kube/bad-answer-error.ts";
import { retriable } from "../kube/retriable.ts";
import { UnreachableError } from "../kube/unreachable-error.ts";
import type { Retriable, RetryPolicy } from "../util/backoff.ts";
import type { KevError } from "../util/errors.ts";
import type { Slot } from "../util/lanes.ts";
import type { DropReason } from "./recorder-ledger.ts";

/**
 * What a program that lives on sends again: beside the usual also what mends itself in time, a name that does not resolve for a
 * while, a certificate or a token that is being renewed, a load balancer's page. The name of an event makes that harmless.
 */
export const retriableInTime: Retriable = (error) => {
  const usual = retriable(error);
  if (usual) return usual;
  if (error instanceof UnreachableError) return { after: 0, concernsAll: true };
  return error instanceof BadAnswerError || isNoRefusal(error) ? { after: 0 } : undefined;
};

/** The same for the writing of events, whose path every API server serves: that there is none, somebody else says. */
export const retriableWrite: Retriable = (error) =>
  retriableInTime(error) ?? (isPage(error) ? { after: 0 } : undefined);

/** Credentials that are being renewed, or a page of somebody who stands in front of the server, which says 404 of some paths itself. */
function isNoRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.httpStatus === 401 || (isPage(error) && error.httpStatus !== 404));
}

/** The server's own refusals are a Status. */
function isPage(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === undefined;
}

/**
 * `policy` for work in a slot. Where the trouble may be of this one alone, a webhook or an API service that is down, the slot is
 * for others while it waits for the next try; where nobody is there, or asks for less, all wait.
 */
export function policyInSlot(policy: RetryPolicy, slot: Slot): RetryPolicy {
  const { clock } = policy;
  let isAlone = false;
  return {
    ...policy,
    onRetry: (error, delay) => {
      isAlone = error instanceof ApiError && error.httpStatus !== 429 && !isNoRefusal(error);
      policy.onRetry?.(error, delay);
    },
    clock: {
      now: () => clock.now(),
      sleep: (milliseconds, signal) => {
        const sleep = (): Promise<void> => clock.sleep(milliseconds, signal);
        return isAlone ? slot.away(sleep) : sleep();
      },
    },
  };
}

/** Why something was dropped that failed with `error`, which was tried again where it was `retriable`. */
export function dropReasonOf(error: KevError, ended: AbortSignal, retriable: Retriable): DropReason {
  if (error instanceof ApiError && retriable(error)) return "gave-up";
  if (error.kind === "not-found") return "not-found";
  if (error instanceof ApiError) return "refused";
  if (error.kind === "refused" || error.kind === "usage") return "refused";
  return ended.aborted ? "closed" : "gave-up";
}
