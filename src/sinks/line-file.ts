import { type FileHandle, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../util/clock.ts";
import { errorCode } from "../util/file-error.ts";
import { makeFolder } from "../util/make-folder.ts";
import { rotatedName, syncFolder, tidyRotated } from "./rotated-files.ts";

export interface LineFileOptions {
  readonly file: string;
  /** Bytes at which a new file is begun. */
  readonly maxSize: number;
  /** Milliseconds after which a new file is begun; undefined: never for its age. */
  readonly maxAge: number | undefined;
  /** Files that are kept beside the one that is written. */
  readonly keep: number;
  /** Packs those with gzip. */
  readonly gzip: boolean;
  readonly clock: Clock;
}

/** A file that whole lines are added to. One call at a time. */
export interface LineFile {
  /**
   * On the disk when it resolves. When it fails, none of it is in the file, or all that is of it goes with the next call.
   *
   * @throws what the system throws
   */
  append(lines: string): Promise<void>;
  close(): Promise<void>;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly inode: number;
  /** Milliseconds since 1970 when it was begun. */
  readonly begunAt: number;
}

/** @param openFile for tests: opens as node:fs does */
export function createLineFile(options: LineFileOptions, openFile: typeof open = open): LineFile {
  const { file, maxSize, maxAge, clock } = options;
  let current: OpenFile | undefined;
  let tidying: Promise<void> = Promise.resolve();

  async function openNow(): Promise<OpenFile> {
    await makeFolder(dirname(file));
    const handle = await openFile(file, "a+", 0o640);
    try {
      const { ino: inode, size, birthtimeMs, mtimeMs } = await handle.stat();
      if (size === 0) await syncFolder(file);
      else await endLastLine(handle, size);
      // Not every file system knows when a file was made.
      const begunAt = size === 0 ? clock.now().getTime() : birthtimeMs || mtimeMs;
      return { handle, inode, begunAt };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The file that has the name: somebody else may have moved it away, or deleted it. */
  async function opened(): Promise<OpenFile> {
    if (current && (await inodeOf(file)) !== current.inode) await close();
    current ??= await openNow();
    return current;
  }

  async function rotate(): Promise<void> {
    await close();
    await tidying;
    await rename(file, await freeName());
    await syncFolder(file);
    // Beside the sends: it takes its time. What fails is tried again at the next change of files, and loses nothing.
    tidying = tidyRotated(file, options).catch(() => undefined);
  }

  async function freeName(): Promise<string> {
    for (let at = clock.now().getTime(); ; at++) {
      const names = [rotatedName(file, new Date(at)), `${rotatedName(file, new Date(at))}.gz`];
      const inodes = await Promise.all(names.map(inodeOf));
      if (names[0] !== undefined && inodes.every((inode) => inode === undefined)) return names[0];
    }
  }

  async function close(): Promise<void> {
    const { handle } = current ?? {};
    current = undefined;
    await handle?.close();
  }

  return {
    async append(lines) {
      let { handle, begunAt } = await opened();
      let { size } = await handle.stat();
      const isFull = size + Buffer.byteLength(lines) > maxSize;
      const isOld = maxAge !== undefined && clock.now().getTime() - begunAt >= maxAge;
      if (size > 0 && (isFull || isOld)) {
        await rotate();
        ({ handle, begunAt } = await opened());
        size = 0;
      }
      try {
        await handle.appendFile(lines);
        await handle.datasync();
      } catch (error) {
        // Opened anew, it is looked at for a line without an end, should this fail, too.
        await handle.truncate(size).catch(() => undefined);
        await close().catch(() => undefined);
        throw error;
      }
    },
    close: async () => {
      await close();
      await tidying;
    },
  };
}

async function inodeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).ino;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** How the lines of deliveries begin. */
const ownBeginning = '{"id":"';
const chunkSize = 2 ** 16;

/**
 * Ends what a crash has left of a line. A line of kev's was not acknowledged and comes again, so it is cut off; what is not
 * kev's stays, on a line of its own.
 */
async function endLastLine(handle: FileHandle, size: number): Promise<void> {
  const start = await lastLineStart(handle, size);
  if (start === size) return;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(ownBeginning.length), 0, ownBeginning.length, start);
  const beginning = buffer.toString("utf8", 0, bytesRead);
  if (ownBeginning.startsWith(beginning)) await handle.truncate(start);
  else await handle.appendFile("\n");
}

/** The offset behind the last line feed. */
async function lastLineStart(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(chunkSize);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunkSize);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(0x0a);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}
