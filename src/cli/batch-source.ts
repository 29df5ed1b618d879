import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { KevError, usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import { orAborted } from "../util/or-aborted.ts";
import type { Context } from "./context.ts";

/** The bytes of a batch, as they come; `-` is standard input. @throws usage error for a file that cannot be opened */
export async function openBatch(file: string, { cwd, stdin, signal }: Context): Promise<AsyncIterable<Buffer>> {
  if (file === "-") return readable(stdin.chunks(), "standard input");
  const stream = createReadStream(resolve(cwd, file));
  const opened = new Promise<void>((resolved, refused) => {
    stream.once("open", () => resolved());
    stream.once("error", (cause) => refused(usageError(fileErrorText("open", file, cause), { cause })));
  });
  // A FIFO without a writer is opened never.
  await orAborted(opened, signal);
  return readable(stream, file);
}

/** @throws usage error for what opens and cannot be read, such as a folder */
async function* readable(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer, void> {
  try {
    yield* chunks;
  } catch (cause) {
    throw cause instanceof KevError ? cause : usageError(fileErrorText("read", name, cause), { cause });
  }
}
