import type { Delivery } from "./delivery.ts";
import type { SendError } from "./send-error.ts";
import type { Refusal, Sink } from "./sink.ts";
import { type RequestLimits, splitBatch } from "./split-batch.ts";

/** A delivery as it stands in a request. */
export interface Entry {
  readonly delivery: Delivery;
  /** What it adds to a request. */
  readonly bytes: number;
}

/** What became of a request. Every delivery in it that is in neither list was taken. */
export interface PartResult {
  readonly refused?: readonly Refusal[];
  /** Those that are to be sent again, and why. */
  readonly failed?: { readonly deliveries: ReadonlySet<Delivery>; readonly error: SendError };
}

export interface PartsOptions<Made extends Entry> {
  readonly limits: RequestLimits;
  /** The entry of a delivery, or why the receiver would never keep it. */
  entryOf(delivery: Delivery): Made | string;
  /** Sends one request. @throws SendError: nothing of it was taken, or nobody knows what */
  sendPart(entries: readonly Made[], signal: AbortSignal): Promise<PartResult>;
}

/**
 * The `send` of a sink whose receiver takes only so much in one request: one request after the other, until one fails.
 * What was settled before that is remembered: when the same deliveries come again, whole batch or a part of it, only the
 * rest is sent, for not every receiver knows ids.
 */
export function sendInParts<Made extends Entry>({ limits, entryOf, sendPart }: PartsOptions<Made>): Sink["send"] {
  /** Taken, or why refused; of batches that have failed in part. */
  const settled = new WeakMap<Delivery, { readonly refusal: string | undefined }>();

  return async (batch, signal) => {
    signal.throwIfAborted();
    const entries: Made[] = [];
    for (const delivery of batch) {
      if (settled.has(delivery)) continue;
      const entry = entryOf(delivery);
      if (typeof entry === "string") settled.set(delivery, { refusal: entry });
      else entries.push(entry);
    }
    for (const part of splitBatch(entries, limits)) {
      const { refused = [], failed } = await sendPart(part, signal);
      const reasons = new Map(refused.map(({ delivery, reason }) => [delivery, reason]));
      for (const { delivery } of part) {
        if (!failed?.deliveries.has(delivery)) settled.set(delivery, { refusal: reasons.get(delivery) });
      }
      if (failed) throw failed.error;
    }
    const refused = batch.flatMap((delivery): Refusal[] => {
      const reason = settled.get(delivery)?.refusal;
      return reason === undefined ? [] : [{ delivery, reason }];
    });
    for (const delivery of batch) settled.delete(delivery);
    return { refused };
  };
}
