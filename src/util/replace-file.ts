import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";

/**
 * Writes a file by rename, so that who reads it meanwhile has the old text or the new one, never half of one.
 *
 * @param mode of the file, without what the umask forbids
 * @param prepare called with the file before it takes the other's place
 * @throws what the file system says; the old file is there then
 */
export async function replaceFile(
  path: string,
  text: string,
  mode: number,
  prepare?: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}`;
  const file = await open(draft, "wx", mode);
  try {
    try {
      await file.writeFile(text);
      await prepare?.(file);
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
