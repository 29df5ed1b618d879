import { write } from "node:fs";
import { promisify } from "node:util";
import { systemClock } from "./clock.ts";
import { errorCode } from "./file-error.ts";

const writeSome = promisify(write);
/** Milliseconds between looks at a pipe that somebody has made to refuse what it has no room for. */
const pause = 10;

/** Writes all of it, outside of the main thread: process.stdout would stop the whole process while a pipe is full. */
export async function sendAll(descriptor: number, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      const { bytesWritten } = await writeSome(descriptor, rest);
      rest = rest.subarray(bytesWritten);
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") throw error;
      await systemClock.sleep(pause);
    }
  }
}
