import { createReadStream, createWriteStream } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

/** `events.jsonl` moved away at that time: `events-20261123T093000.000Z.jsonl`, beside it. Their names sort by time. */
export function rotatedName(file: string, at: Date): string {
  const { folder, stem, extension } = partsOf(file);
  return join(folder, `${stem}-${at.toISOString().replaceAll(/[-:]/g, "")}${extension}`);
}

/**
 * Deletes the oldest of the rotated files beyond `keep`, and packs the others where asked to. A packed file has its name
 * only when it is whole and on the disk, and what it was made of is deleted after that.
 */
export async function tidyRotated(file: string, { keep, gzip }: { keep: number; gzip: boolean }): Promise<void> {
  const { folder, stem, extension } = partsOf(file);
  const rotated = (await readdir(folder)).filter((name) => {
    return name.startsWith(`${stem}-`) && rest.test(name.slice(stem.length)) && name.includes(extension);
  });
  // A packed file and the file that it is made of count as one.
  const times = [...new Set(rotated.map((name) => name.replace(/\.gz(\.part)?$/, "")))].sort();
  const old = new Set(times.slice(0, Math.max(0, times.length - keep)));
  for (const name of rotated) {
    const plain = name.replace(/\.gz(\.part)?$/, "");
    if (old.has(plain)) await rm(join(folder, name), { force: true });
    else if (gzip && name === plain) await pack(join(folder, name));
  }
}

const rest = /^-\d{8}T\d{6}\.\d{3}Z/;

async function pack(file: string): Promise<void> {
  const part = `${file}.gz.part`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(part, { mode: 0o640, flush: true }));
  await rename(part, `${file}.gz`);
  await syncFolder(file);
  await rm(file);
}

/** Makes the names in the folder of `file` durable, too. */
export async function syncFolder(file: string): Promise<void> {
  const folder = await open(dirname(file), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function partsOf(file: string) {
  const extension = extname(file);
  return { folder: dirname(file), stem: basename(file, extension), extension };
}
