import type { KevError } from "../util/errors.ts";
import { didYouMean } from "../util/nearest.ts";
import { ApiError } from "./api-error.ts";
import type { TypeResolver } from "./resolve-type.ts";

/**
 * The error to end with when the first of several bare words, which is no type and was therefore read as a name, cannot
 * be read: `statefulst web` must not be taken for the Deployment `web`.
 */
export async function guessedNameError(resolver: TypeResolver, word: string, error: KevError): Promise<KevError> {
  // Whatever kept it from being read (no right to it, a fault of the server's), it is not known to be a name.
  if (!(error instanceof ApiError) || error.httpStatus !== 404) return error;
  // It may be the namespace that is not there.
  if (error.status?.details?.name !== word) return error;
  const reading = `${JSON.stringify(word)} is no type, so it was read as a name`;
  const question = didYouMean(await resolver.nearestTypes(word));
  const hint =
    question === undefined ? `${reading}; with TYPE/NAME it would not hold up the others` : `${reading}; ${question}`;
  error.hint = error.hint === undefined ? hint : `${hint}\n${error.hint}`;
  return error;
}
