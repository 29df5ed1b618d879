import { z } from "zod";
import { errorMessage } from "../util/file-error.ts";
import { orAborted } from "../util/or-aborted.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { deliveryJson } from "./delivery-json.ts";
import { SendError } from "./send-error.ts";
import { allTaken, type Sink, type SinkServices } from "./sink.ts";

export const stdout = defineSink({
  type: "stdout",
  summary: "JSON lines on kev's stdout, for a log shipper",
  documentation: "https://jsonlines.org/",
  options: z.strictObject({}),
  example: "type: stdout\n",
  batch: { events: 1_000, bytes: 2 ** 20, wait: 0 },
  create: async (_options, services) => createStdout(services.stdout),
});

function createStdout(output: SinkServices["stdout"]): Sink {
  let underWay: { text: string; done: Promise<void> } | undefined;

  function begin(text: string) {
    const done = output.write(text).finally(() => {
      underWay = undefined;
    });
    // It may fail when nobody waits for it any more.
    done.catch(() => undefined);
    return { text, done };
  }

  /** A write cannot be taken back: given up because its reader was slow, and sent again, it goes on instead of coming twice. */
  async function write(text: string, signal: AbortSignal): Promise<void> {
    if (underWay !== undefined && underWay.text !== text) await orAborted(underWay.done, signal);
    underWay ??= begin(text);
    await orAborted(underWay.done, signal);
  }

  return {
    async send(batch, signal) {
      signal.throwIfAborted();
      try {
        await write(lines(batch), signal);
      } catch (cause) {
        signal.throwIfAborted();
        throw new SendError(`stdout cannot be written: ${errorMessage(cause)}`, { retriable: true, cause });
      }
      return allTaken;
    },
    preview: async (batch) => lines(batch),
    close: async () => undefined,
  };
}

function lines(batch: readonly Delivery[]): string {
  return batch.map((delivery) => `${deliveryJson(delivery)}\n`).join("");
}
