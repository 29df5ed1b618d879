import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../../sinks/rotated-files.ts";
import { SendError } from "../../sinks/send-error.ts";
import type { Refusal } from "../../sinks/sink.ts";
import type { Clock } from "../../util/clock.ts";
import { fileErrorText } from "../../util/file-error.ts";
import { makeFolder } from "../../util/make-folder.ts";

/** A file, made with its folder, of what a receiver will never take: JSON lines, each a delivery with `sink`, `reason` and `refusedAt` before it. */
export interface DeadLetters {
  readonly file: string;
  /**
   * On the disk when it resolves.
   *
   * @throws SendError, retriable; a line that was begun may then stand there unfinished, on a line of its own, as after
   *   a crash
   */
  add(sink: string, refusals: readonly Refusal[]): Promise<void>;
}

const lineFeed = 0x0a;

export function createDeadLetters(file: string, clock: Clock): DeadLetters {
  return {
    file,
    add: async (sink, refusals) => {
      const refusedAt = clock.now().toISOString();
      const lines = refusals.map(({ delivery, reason }) => JSON.stringify({ sink, reason, refusedAt, ...delivery }));
      try {
        await makeFolder(dirname(file), 0o700);
        const handle = await open(file, "a+", 0o600);
        try {
          const { size } = await handle.stat();
          const isBroken = size > 0 && (await byteAt(handle, size - 1)) !== lineFeed;
          await handle.appendFile(`${isBroken ? "\n" : ""}${lines.join("\n")}\n`);
          await handle.sync();
          if (size === 0) await syncFolder(file);
        } finally {
          await handle.close();
        }
      } catch (cause) {
        throw new SendError(`dead letters cannot be kept: ${fileErrorText("write", file, cause)}`, {
          retriable: true,
          cause,
        });
      }
    },
  };
}

async function byteAt(handle: FileHandle, position: number): Promise<number | undefined> {
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, position);
  return buffer[0];
}
