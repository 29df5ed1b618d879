import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { goBuild, requireGo } from "./go.ts";
import { type ControlPlanePrograms, cacheFolder, locatePrograms } from "./programs.ts";
import { type Terminal, terminalProgress } from "./progress.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The four programs of the control plane, built if need be, once per version and user. About 5 minutes cold on two
 * cores, downloads included; nothing to do afterwards. Needs Go only when something has to be built.
 */
export async function ensureControlPlane(
  env: Env = process.env,
  terminal: Terminal = process.stderr,
): Promise<ControlPlanePrograms> {
  const { paths, missing } = locatePrograms(env);
  if (missing.length === 0) return paths;
  await requireGo(env);

  const cache = cacheFolder(env);
  await mkdir(cache, { recursive: true });
  // Beside its destination, so that a rename moves it there at once: two builds at the same time both end well.
  const scratch = await mkdtemp(join(dirname(cache), `${basename(cache)}.building-`));
  const progress = terminalProgress(terminal);
  const interrupted = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => interrupted.abort(new Error(`The build was ended by ${name}`));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    for (const [index, program] of missing.entries()) {
      const output = join(scratch, program.file);
      progress.begin(`Building ${program.file} for the test control plane (${index + 1} of ${missing.length})`);
      await goBuild({ package: program.package, output, env, onStep: progress.step, signal: interrupted.signal });
      await rename(output, paths[program.key]);
    }
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    progress.end();
    await rm(scratch, { recursive: true, force: true });
  }
  return paths;
}

if (import.meta.main) {
  try {
    await ensureControlPlane();
  } catch (error) {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
