import { accessSync, constants, globSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * Path of a program that tests need: on the PATH, else the last match of `places`, patterns as of a shell.
 *
 * @param install what brings it, as a line to type
 */
export function needProgram(name: string, install: string, places: readonly string[] = []): string {
  const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name));
  const elsewhere = places.flatMap((pattern) => globSync(join(pattern, name)).sort(byVersion).reverse());
  const found = [...onPath, ...elsewhere].find(isExecutable);
  if (found === undefined) throw new Error(`${name} is missing, and these tests need it: ${install}`);
  return found;
}

/** `…/9/bin` comes before `…/15/bin`. */
function byVersion(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
