import { access, constants, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { platform } from "node:process";

/**
 * The file that runs as `name`, as Go's exec.LookPath finds it: `name` itself where it has a slash, else the first on `path`
 * that may be run. Undefined when there is none. On Windows, whose rules are the system's own, always `name`.
 *
 * @param path the PATH to search; Node's spawn searches that of the child's environment, which a plug-in may change
 */
export async function findProgram(name: string, path: string | undefined): Promise<string | undefined> {
  if (platform === "win32") return name;
  if (name.includes("/")) return (await mayRun(name)) ? name : undefined;
  for (const folder of (path ?? "").split(delimiter)) {
    // Go runs nothing from the current folder that was not named so.
    if (!folder.startsWith("/")) continue;
    const file = join(folder, name);
    if (await mayRun(file)) return file;
  }
  return undefined;
}

async function mayRun(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
