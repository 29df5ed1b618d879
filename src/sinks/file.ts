import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { deliveryJson } from "./delivery-json.ts";
import { byteSize, duration } from "./fields.ts";
import { createLineFile } from "./line-file.ts";
import { SendError } from "./send-error.ts";
import { allTaken } from "./sink.ts";

const options = z.strictObject({
  path: z
    .string()
    .min(1)
    .meta({ description: "The file, relative to the routing file's folder; its own folder is made" }),
  maxSize: byteSize("A new file is begun before this one would become larger").prefault("100MiB"),
  maxAge: duration("A new file is begun for what comes when this one is so old").optional(),
  keep: z.int().min(0).meta({ description: "Older files that are kept; the oldest are deleted" }).prefault(5),
  gzip: z.boolean().meta({ description: "Packs older files" }).prefault(false),
});

/** Older files are named by the time of the change: `events-20261123T093000.000Z.jsonl`. */
export const file = defineSink({
  type: "file",
  summary: "JSON lines in a file, with a bounded number of older ones",
  documentation: "https://jsonlines.org/",
  options,
  example: "type: file\npath: events.jsonl\nmaxSize: 100MiB\nmaxAge: 24h\nkeep: 5\ngzip: true\n",
  batch: { events: 1_000, bytes: 2 ** 20, wait: 100 },
  async create({ path, maxSize, maxAge, keep, gzip }, { cwd, clock }) {
    const absolute = resolve(cwd, path);
    await checkFile(absolute, path);
    const lineFile = createLineFile({ file: absolute, maxSize, maxAge, keep, gzip, clock });
    return {
      async send(batch, signal) {
        signal.throwIfAborted();
        try {
          await lineFile.append(lines(batch));
        } catch (cause) {
          throw new SendError(fileErrorText("write", path, cause), { retriable: true, cause });
        }
        return allTaken;
      },
      preview: async (batch) => lines(batch),
      close: () => lineFile.close(),
    };
  },
});

function lines(batch: readonly Delivery[]): string {
  return batch.map((delivery) => `${deliveryJson(delivery)}\n`).join("");
}

/** What is no file cannot be truncated after a failed write, or moved away. */
async function checkFile(absolute: string, path: string): Promise<void> {
  const stats = await stat(absolute).catch(() => undefined);
  if (stats && !stats.isFile())
    throw usageError(`${path} is no regular file`, { hint: "for stdout, use type: stdout" });
}
