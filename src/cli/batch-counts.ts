import { ApiError } from "../kube/api-error.ts";
import type { BatchOutcome } from "../record/emit-batch.ts";
import type { KevError } from "../util/errors.ts";
import { isUnsent } from "./emit-outcome.ts";

/** How many lines of a batch came to what, so far. */
export interface BatchCounts {
  add(outcome: BatchOutcome): void;
  /** `480 stored, 12 retried, 3 refused`, and what else there is of. */
  summary(): string;
}

/** @param isDryRun nothing is stored; the server, or kev, has checked it */
export function createBatchCounts(isDryRun: boolean): BatchCounts {
  const counts = { stored: 0, unchanged: 0, retried: 0, refused: 0, failed: 0, inDoubt: 0 };
  return {
    add: (outcome) => {
      if (outcome.retries > 0) counts.retried++;
      if (outcome.outcome === "unchanged") counts.unchanged++;
      else if (outcome.outcome !== "failed") counts.stored++;
      else if (outcome.error.inDoubt) counts.inDoubt++;
      else if (isRefused(outcome.error)) counts.refused++;
      // Of what Ctrl-C has left unsent nobody knows the number.
      else if (!isUnsent(outcome.error)) counts.failed++;
    },
    summary: () => {
      const { stored, unchanged, retried, refused, failed, inDoubt } = counts;
      return [
        `${stored} ${isDryRun ? "checked" : "stored"}`,
        ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
        `${retried} retried`,
        `${refused} refused`,
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(inDoubt > 0 ? [`${inDoubt} in doubt`] : []),
      ].join(", ");
    },
  };
}

/** Whether the same line would fail again: it is wrong, what it names is not there, or the server has said no. */
function isRefused(error: KevError): boolean {
  if (error instanceof ApiError) return error.httpStatus < 500 && error.httpStatus !== 429;
  return error.kind === "usage" || error.kind === "refused" || error.kind === "not-found" || error.kind === "not-so";
}
