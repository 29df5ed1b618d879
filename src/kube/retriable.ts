import type { Retriable } from "../util/backoff.ts";
import { ApiError } from "./api-error.ts";
import { UnreachableError } from "./unreachable-error.ts";

/**
 * What kev sends again: connection failures that may pass, 429 with or without Retry-After, and 5xx. Never another 4xx:
 * the server has understood and refused.
 */
export const retriable: Retriable = (error) => {
  if (error instanceof UnreachableError) return error.retriable ? { after: 0, concernsAll: true } : undefined;
  if (error instanceof ApiError && (error.httpStatus === 429 || error.httpStatus >= 500)) {
    return { after: (error.retryAfter ?? 0) * 1000 };
  }
  return undefined;
};
