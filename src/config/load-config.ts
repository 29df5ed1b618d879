import { readFile } from "node:fs/promises";
import { usageError } from "../util/errors.ts";
import { errorCode, fileErrorText } from "../util/file-error.ts";
import type { Config } from "./config.ts";
import { type ConfigCandidate, type ConfigPlaces, configCandidates } from "./find-config.ts";

export interface LoadConfigOptions extends ConfigPlaces {
  /** Names of presets that the file may not define. */
  fixedPresets?: readonly string[];
}

/**
 * The user's config: the first file of {@link configCandidates} that exists, or an empty config. The YAML reader is
 * loaded only when there is a file.
 *
 * Throws a usage error when a named file is missing or a file cannot be read, and one that lists every problem in it.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<Config> {
  for (const candidate of configCandidates(options)) {
    const text = await read(candidate);
    if (text === undefined) continue;
    const { parseConfig } = await import("./parse-config.ts");
    return parseConfig(text, { path: candidate.shown, fixedPresets: options.fixedPresets ?? [] });
  }
  return { presets: [], defaults: {} };
}

async function read({ file, shown, namedBy }: ConfigCandidate): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const code = errorCode(cause);
    const missing = code === "ENOENT" || code === "ENOTDIR";
    if (missing && namedBy === undefined) return undefined;
    const hint = namedBy === undefined ? undefined : `${namedBy} names it`;
    if (missing) throw usageError(`config file ${shown} does not exist`, { hint, cause });
    throw usageError(`config file cannot be read: ${fileErrorText("open", shown, cause)}`, { hint, cause });
  }
}
