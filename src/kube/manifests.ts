import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { KevError, usageError } from "../util/errors.ts";
import { errorCode, errorMessage } from "../util/file-error.ts";
import { expandGlob } from "./expand-glob.ts";
import { parseManifests } from "./parse-manifests.ts";
import { readText } from "./read-text.ts";

/** An object that a manifest names. */
export interface ManifestObject {
  apiVersion: string;
  kind: string;
  name: string;
  namespace?: string;
  /** File and line where it begins: `app.yaml:12`, `STDIN:1`. */
  source: string;
}

export interface ReadManifestsOptions {
  /** What relative paths are relative to. */
  cwd: string;
  /** Folders of folders, too. */
  recursive?: boolean | undefined;
  /** Called for `-`, at most once. */
  readStdin?: (() => Promise<string>) | undefined;
  /** Ends the reading, also where nothing has come yet. */
  signal?: AbortSignal | undefined;
  /** The command whose errors these are; default `emit`. */
  command?: string | undefined;
}

/** What kubectl reads of a folder. */
const extensions = [".json", ".yaml", ".yml"];

/**
 * The objects that files name, as kubectl's `-f` takes them: YAML and JSON, several documents in a file, lists taken
 * apart; of a folder all `.json`, `.yaml` and `.yml` files, sorted by name. Several paths may stand in one, parted by
 * commas; what is no path may be a pattern (`*`, `?`, `[a-z]`). Nothing of an object but its identity is read.
 *
 * Throws usage errors that name file and line, also where there is no object at all, and the signal's reason. URLs are
 * not fetched.
 */
export async function readManifests(
  files: readonly string[],
  options: ReadManifestsOptions,
): Promise<ManifestObject[]> {
  const { cwd, command = "emit" } = options;
  if (files.filter((file) => file === "-").length > 1) {
    throw usageError("standard input cannot be used for multiple arguments");
  }
  for (const file of files) if (/^https?:\/\//.test(file)) throw urlError(file, command);
  let objects: ManifestObject[] = [];
  let texts = 0;
  for (const file of files) {
    for (const path of await pathsOf(file, cwd)) {
      for await (const { source, text } of textsOf(path, options)) {
        texts++;
        objects = objects.concat(await parseManifests(text, source));
      }
    }
  }
  if (texts === 0) {
    throw usageError(`error reading [${files.join(" ")}]: recognized file extensions are [${extensions.join(" ")}]`);
  }
  if (objects.length === 0) throw usageError(`no objects passed to ${command}`);
  return objects;
}

interface Text {
  source: string;
  text: string;
}

// As in kubectl, only what does not exist is a pattern: names may hold brackets.
async function pathsOf(file: string, cwd: string): Promise<string[]> {
  if (file === "-") return [file];
  if (file === "") throw missing(file);
  try {
    await stat(resolve(cwd, file));
    return [file];
  } catch (error) {
    const paths = errorCode(error) === "ENOENT" ? await expandGlob(file, cwd) : [];
    if (paths.length === 0) throw pathError(file, error);
    return paths;
  }
}

async function* textsOf(file: string, options: ReadManifestsOptions): AsyncGenerator<Text> {
  const { cwd, readStdin, signal } = options;
  if (file === "-") {
    if (!readStdin) throw usageError("standard input cannot be used here");
    yield { source: "STDIN", text: await unlessAborted(readStdin(), signal) };
    return;
  }
  const stats = await stat(resolve(cwd, file)).catch((error: unknown) => {
    throw pathError(file, error);
  });
  if (stats.isDirectory()) yield* textsOfFolder(file, options);
  else yield await textOf(file, options);
}

async function* textsOfFolder(folder: string, options: ReadManifestsOptions): AsyncGenerator<Text> {
  const { cwd, recursive = false } = options;
  const entries = await readdir(resolve(cwd, folder), { withFileTypes: true }).catch((error: unknown) => {
    throw pathError(folder, error);
  });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // As in kubectl, a link to a folder is not followed: a mounted ConfigMap would come twice.
    if (entry.isDirectory()) {
      if (recursive) yield* textsOfFolder(path, options);
    } else if (extensions.some((extension) => entry.name.endsWith(extension))) {
      yield await textOf(path, options);
    }
  }
}

async function textOf(file: string, { cwd, signal }: ReadManifestsOptions): Promise<Text> {
  try {
    return { source: file, text: await readText(resolve(cwd, file), file, signal) };
  } catch (error) {
    signal?.throwIfAborted();
    throw pathError(file, error);
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

// cli-runtime v0.36.1, resource/builder.go.
function pathError(file: string, cause: unknown): KevError {
  if (cause instanceof KevError) return cause;
  if (errorCode(cause) === "ENOENT") return missing(file, cause);
  return usageError(`the path ${JSON.stringify(file)} cannot be accessed: ${errorMessage(cause)}`, { cause });
}

function missing(file: string, cause?: unknown): KevError {
  return usageError(`the path ${JSON.stringify(file)} does not exist`, { cause });
}

function urlError(url: string, command: string): KevError {
  const hint = `download it first: curl -fsSL ${url} | kev ${command} … -f -`;
  return usageError(`kev does not fetch manifests from URLs: ${url}`, { hint });
}
