import { createRetryDelays } from "../kube/list-watch/retry-delays.ts";
import type { Clock } from "../util/clock.ts";
import { StoreError } from "./store-error.ts";

export interface PatienceOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Told of each failure, and the milliseconds until the next try. */
  readonly onFailure: (error: StoreError, retryIn: number) => void;
  /** Ends the waiting, with its reason. */
  readonly signal: AbortSignal;
}

/** Runs a call of a store until it works: a full disk, or a database that is away, is waited for. */
export type Patience = <T>(run: () => Promise<T>) => Promise<T>;

export function createPatience({ clock, random, onFailure, signal }: PatienceOptions): Patience {
  return async (run) => {
    const delays = createRetryDelays(random);
    for (;;) {
      try {
        return await run();
      } catch (error) {
        if (!(error instanceof StoreError) || !error.retriable) throw error;
        const retryIn = delays.next();
        onFailure(error, retryIn);
        await clock.sleep(retryIn, signal);
      }
    }
  };
}
