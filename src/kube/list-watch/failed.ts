import { asKevError } from "../../util/as-kev-error.ts";
import { ApiError } from "../api-error.ts";
import type { FailedStep, WatchedObject } from "./list-watch-step.ts";
import type { RetryDelays } from "./retry-delays.ts";
import type { Run } from "./run.ts";

/** Says what went wrong, and waits until it is time for the next try. */
export async function* failed(
  { clock, signal }: Pick<Run<WatchedObject>, "clock" | "signal">,
  during: FailedStep["during"],
  thrown: unknown,
  delays: RetryDelays,
  hasWorked: boolean,
): AsyncGenerator<readonly [FailedStep], void> {
  const error = asKevError(thrown);
  const retryIn = delays.next(error instanceof ApiError ? (error.retryAfter ?? 0) * 1_000 : 0);
  yield [{ type: "failed", during, error, hasWorked, retryIn }];
  await clock.sleep(retryIn, signal);
}
