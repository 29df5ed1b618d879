import { KevError } from "./errors.ts";
import { errorMessage } from "./file-error.ts";

/** Failures are values, whatever was thrown. */
export function asKevError(error: unknown): KevError {
  return error instanceof KevError ? error : new KevError("failed", errorMessage(error), { cause: error });
}
