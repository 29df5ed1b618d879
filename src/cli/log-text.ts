import { KevError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";

/** An error as the log has it. */
export function errorText(error: unknown): string {
  return error instanceof KevError ? error.message : errorMessage(error);
}

/** `0.3s`. */
export function secondsText(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)}s`;
}
