import { constants, createReadStream, openSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { usageError } from "../util/errors.ts";

/** Node's longest string is 512 MiB, and what is read of it takes a multiple. */
const longest = 256 * 2 ** 20;

/**
 * The text of a file. What never ends (a FIFO without a writer) is given up when `signal` aborts.
 *
 * @param name what errors call the file
 * @throws what the system throws, the signal's reason, and KevError (usage) for more than 256 MiB
 */
export async function readText(path: string, name: string, signal?: AbortSignal): Promise<string> {
  const stream = await open(path);
  const onAbort = (): unknown => stream.destroy(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    signal?.throwIfAborted();
    for await (const chunk of stream) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > longest) throw usageError(`the path ${JSON.stringify(name)} holds more than ${longest >> 20} MiB`);
    }
    signal?.throwIfAborted();
    return Buffer.concat(chunks).toString();
  } finally {
    signal?.removeEventListener("abort", onAbort);
    stream.destroy();
  }
}

async function open(path: string): Promise<Readable> {
  if (!(await stat(path)).isFIFO()) return createReadStream(path);
  // Opened in the usual way, a FIFO keeps a thread until there is a writer, and with it the process, even past its exit.
  const { Socket } = await import("node:net");
  return new Socket({ fd: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), readable: true, writable: false });
}
