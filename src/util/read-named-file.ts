import { readFile } from "node:fs/promises";
import { usageError } from "./errors.ts";
import { fileErrorText } from "./file-error.ts";

/** The text of a file that a flag named; one that cannot be read is a usage error. */
export async function readNamedFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw usageError(fileErrorText("open", file, cause), { cause });
  }
}
