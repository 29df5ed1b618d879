import { z } from "zod";
import { errorMessage } from "../util/file-error.ts";
import { defineSink } from "./define-sink.ts";
import { deliveryJson } from "./delivery-json.ts";
import { SendError } from "./send-error.ts";
import { allTaken } from "./sink.ts";

const text = (batch: readonly Parameters<typeof deliveryJson>[0][]): string =>
  batch.map((one) => `${deliveryJson(one)}\n`).join("");

export const stdoutSink = defineSink({
  type: "stdout",
  summary: "JSON lines on kev's stdout, for a log shipper",
  documentation: "https://jsonlines.org/",
  options: z.strictObject({}),
  example: "type: stdout",
  batch: { events: 1_000, bytes: 2 ** 20, wait: 0 },
  create: async (_options, { stdout }) => ({
    send: async (batch) => {
      try {
        await stdout.write(text(batch));
      } catch (cause) {
        throw new SendError(`stdout cannot be written: ${errorMessage(cause)}`, { retriable: true, cause });
      }
      return allTaken;
    },
    preview: async (batch) => text(batch),
    close: async () => undefined,
  }),
});
