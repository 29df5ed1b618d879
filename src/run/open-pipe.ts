import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, openSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The two ends of a pipe: file descriptors, for who asked to close. */
export interface Pipe {
  readonly readEnd: number;
  readonly writeEnd: number;
}

/**
 * A pipe of the kind that a shell makes. What Node calls a pipe is a socket, and a command that writes to `/dev/stderr`
 * cannot open that.
 *
 * @returns undefined where none can be made: without `mkfifo`, or a folder for temporary files that may be written to
 */
export async function openPipe(): Promise<Pipe | undefined> {
  let folder: string | undefined;
  let readEnd: number | undefined;
  try {
    folder = await mkdtemp(join(tmpdir(), "kev-run-"));
    const path = join(folder, "pipe");
    const [code]: unknown[] = await once(spawn("mkfifo", ["-m", "600", path], { stdio: "ignore" }), "exit");
    if (code !== 0) return undefined;
    // In this order neither waits for the other.
    readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
  } catch {
    if (readEnd !== undefined) closeSync(readEnd);
    return undefined;
  } finally {
    // Whoever has it open keeps it.
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  }
}
