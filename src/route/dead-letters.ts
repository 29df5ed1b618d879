import { open } from "node:fs/promises";
import { SendError } from "../sinks/send-error.ts";
import type { Refusal } from "../sinks/sink.ts";
import type { Clock } from "../util/clock.ts";
import { fileErrorText } from "../util/file-error.ts";

/** A file of what a receiver will never take: JSON lines, each a delivery with `sink`, `reason` and `refusedAt` before it. */
export interface DeadLetters {
  readonly file: string;
  /**
   * On the disk when it resolves.
   *
   * @throws SendError, retriable; a line that was begun may then stand there unfinished, on a line of its own
   */
  add(sink: string, refusals: readonly Refusal[]): Promise<void>;
}

export function createDeadLetters(file: string, clock: Clock): DeadLetters {
  let isBroken = false;
  return {
    file,
    add: async (sink, refusals) => {
      const refusedAt = clock.now().toISOString();
      const lines = refusals.map(({ delivery, reason }) => JSON.stringify({ sink, reason, refusedAt, ...delivery }));
      try {
        const handle = await open(file, "a", 0o600);
        try {
          await handle.appendFile(`${isBroken ? "\n" : ""}${lines.join("\n")}\n`);
          await handle.sync();
          isBroken = false;
        } finally {
          await handle.close();
        }
      } catch (cause) {
        isBroken = true;
        throw new SendError(`dead letters cannot be kept: ${fileErrorText("open", file, cause)}`, {
          retriable: true,
          cause,
        });
      }
    },
  };
}
