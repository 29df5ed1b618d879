import type { Delivery } from "./delivery.ts";
import { SendError } from "./send-error.ts";
import type { Refusal, SendResult } from "./sink.ts";

/**
 * Sends the deliveries one by one, in order, for receivers that take one at a time. One that is refused for good, or of
 * which no request can be made, does not keep back those behind it.
 *
 * @throws the first error that may pass; those behind it are not sent
 */
export async function sendEach(
  batch: readonly Delivery[],
  signal: AbortSignal,
  send: (delivery: Delivery) => Promise<unknown>,
): Promise<SendResult> {
  const refused: Refusal[] = [];
  for (const delivery of batch) {
    signal.throwIfAborted();
    try {
      await send(delivery);
    } catch (error) {
      refused.push({ delivery, reason: refusal(error) });
    }
  }
  return { refused };
}

export interface Made<Result> {
  readonly made: readonly { readonly delivery: Delivery; readonly result: Result }[];
  readonly refused: readonly Refusal[];
}

/** What is made of each delivery, such as its body; those of which nothing can be made are refused. */
export function makeEach<Result>(batch: readonly Delivery[], make: (delivery: Delivery) => Result): Made<Result> {
  const made: { delivery: Delivery; result: Result }[] = [];
  const refused: Refusal[] = [];
  for (const delivery of batch) {
    try {
      made.push({ delivery, result: make(delivery) });
    } catch (error) {
      refused.push({ delivery, reason: refusal(error) });
    }
  }
  return { made, refused };
}

/** Why it is refused for good. @throws the error where it is no refusal */
function refusal(error: unknown): string {
  if (error instanceof SendError && !error.retriable) return error.message;
  throw error;
}
