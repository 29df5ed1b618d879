import { z } from "zod";
import { errorMessage } from "../util/file-error.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { deliveryJson } from "./delivery-json.ts";
import { SendError } from "./send-error.ts";
import { allTaken } from "./sink.ts";

export const stdout = defineSink({
  type: "stdout",
  summary: "JSON lines on the standard output",
  documentation: "https://jsonlines.org",
  options: z.strictObject({}),
  example: "type: stdout\n",
  batch: { events: 500, bytes: 2 ** 20, wait: 0 },
  async create(_options, services) {
    return {
      async send(batch, signal) {
        signal.throwIfAborted();
        try {
          await aborting(services.stdout.write(lines(batch)), signal);
        } catch (cause) {
          signal.throwIfAborted();
          throw new SendError(`write to stdout: ${errorMessage(cause)}`, { retriable: true, cause });
        }
        return allTaken;
      },
      preview: async (batch) => lines(batch),
      close: async () => undefined,
    };
  },
});

function lines(batch: readonly Delivery[]): string {
  return batch.map((delivery) => `${deliveryJson(delivery)}\n`).join("");
}

/** A write to a pipe that nobody reads cannot be taken back, but it need not be waited for. */
function aborting(write: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    write.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
