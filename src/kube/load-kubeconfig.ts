import { readFile } from "node:fs/promises";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { KevError, usageError } from "../util/errors.ts";
import { errorCode, fileErrorText } from "../util/file-error.ts";
import { type Kubeconfig, mergeKubeconfigs } from "./kubeconfig.ts";
import { parseKubeconfig } from "./parse-kubeconfig.ts";

export interface KubeconfigPlaces {
  /** `--kubeconfig`: this file alone, and it must exist. */
  explicit?: string | undefined;
  /** For `KUBECONFIG`, a list of paths as PATH is one. */
  env: Readonly<Record<string, string | undefined>>;
  /** For `~/.kube/config`, used when `KUBECONFIG` is empty. */
  homeDir: string;
}

export interface LoadedKubeconfig {
  kubeconfig: Kubeconfig;
  /** The files that were looked for and do not exist, in order. */
  missing: string[];
}

/**
 * Loads kubeconfig files by kubectl's rules (client-go tools/clientcmd/loader.go): missing files of a list are skipped,
 * the first file wins each name, relative paths count from their own file.
 *
 * @throws KevError (usage) for a missing explicit file, and for a file that cannot be read or parsed
 */
export async function loadKubeconfig(places: KubeconfigPlaces): Promise<LoadedKubeconfig> {
  const loaded: Kubeconfig[] = [];
  const missing: string[] = [];
  const broken: KevError[] = [];
  for (const file of filesOf(places)) {
    try {
      const text = await read(file);
      if (text !== undefined) loaded.push(parseKubeconfig(text, file, (path) => fromFile(path, file)));
      else if (places.explicit) throw usageError(`stat ${file}: no such file or directory`);
      else missing.push(file);
    } catch (error) {
      if (!(error instanceof KevError)) throw error;
      broken.push(error);
    }
  }
  if (broken.length > 1) throw usageError(broken.map(({ message }) => message).join("\n"), { prefix: "" });
  if (broken[0]) throw broken[0];
  return { kubeconfig: mergeKubeconfigs(loaded), missing };
}

function filesOf({ explicit, env, homeDir }: KubeconfigPlaces): string[] {
  if (explicit) return [explicit];
  if (!env.KUBECONFIG) return [join(homeDir, ".kube", "config")];
  return [...new Set(env.KUBECONFIG.split(delimiter))].filter((file) => file !== "");
}

async function read(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw usageError(`error loading config file "${file}": ${fileErrorText("open", file, error)}`, { cause: error });
  }
}

function fromFile(path: string, file: string): string {
  return isAbsolute(path) ? path : join(dirname(resolve(file)), path);
}
