import { ApiError } from "../../src/kube/api-error.ts";
import { retriable } from "../../src/kube/retriable.ts";
import { retry } from "../../src/util/backoff.ts";
import { systemClock } from "../../src/util/clock.ts";

/**
 * Does it, whatever happens to the server meanwhile, for a minute at most.
 *
 * @param done the status that says that an earlier try, whose answer was lost, has done it
 */
export async function persist(operation: () => Promise<unknown>, done?: number): Promise<void> {
  await retry(
    () =>
      operation().catch((error: unknown) => {
        if (!(error instanceof ApiError && error.httpStatus === done)) throw error;
      }),
    retriable,
    { timeout: 60_000, clock: systemClock },
  );
}
