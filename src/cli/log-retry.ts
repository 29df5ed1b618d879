import type { Log } from "./log.ts";
import { errorText, secondsText } from "./log-text.ts";

/** Says of each try at the start that failed when the next one comes. */
export function logRetry(log: Log): (error: unknown, retryIn: number) => void {
  return (error, retryIn) =>
    log("warn", "the API server cannot be asked", { error: errorText(error), retryIn: secondsText(retryIn) });
}
