import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "../golden");

/** The text of a file in test/golden; with KEV_UPDATE_GOLDEN=1 it is `actual` from now on. */
export function golden(file: string, actual: string): string {
  const path = join(folder, file);
  if (process.env.KEV_UPDATE_GOLDEN === "1") writeFileSync(path, actual);
  return readFileSync(path, "utf8");
}
