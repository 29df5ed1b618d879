import { ApiError } from "../api-error.ts";
import { retriable } from "../retriable.ts";
import type { FailedStep } from "./list-watch-step.ts";

/** True for a failure that every other try will meet as well: a right that is missing, a wrong certificate. */
export function isHopeless({ error, hasWorked }: FailedStep): boolean {
  return !hasWorked && retriable(error) === undefined && !isGone(error) && !isMisunderstood(error);
}

/** True when the server no longer knows the history that was asked for, which a list makes good. */
export function isGone(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.httpStatus === 410 || error.reason === "Expired" || error.reason === "Gone")
  );
}

/** 400: the version or the token, which are the server's own words, mean nothing to it. */
export function isMisunderstood(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 400;
}
