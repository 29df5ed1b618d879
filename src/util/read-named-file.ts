import { readFile } from "node:fs/promises";
import { usageError } from "./errors.ts";
import { fileErrorText } from "./file-error.ts";

/** The text of a file that a flag named; one that cannot be read is a usage error, which calls it `shown`. */
export async function readNamedFile(file: string, shown = file): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw usageError(fileErrorText("open", shown, cause), { cause });
  }
}
