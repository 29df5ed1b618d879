import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type KevError, usageError } from "../util/errors.ts";

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
  /** Ends the waiting; what the system itself waits for (a FIFO without a writer) goes on in the background. */
  signal?: AbortSignal | undefined;
  /** The command whose errors these are; default `emit`. */
  command?: string | undefined;
}

/** What kubectl reads of a folder. */
const extensions = [".json", ".yaml", ".yml"];

/**
 * The objects that files name, as kubectl's `-f` takes them: YAML and JSON, several documents in a file, lists taken
 * apart, names parted by commas; of a folder all `.json`, `.yaml` and `.yml` files, sorted by name. Nothing of an object but its identity is read.
 *
 * Throws usage errors that name file and line, also where there is no object at all. URLs are not fetched.
 */
export async function readManifests(
  given: readonly string[],
  options: ReadManifestsOptions,
): Promise<ManifestObject[]> {
  const { cwd, recursive = false, readStdin, command = "emit" } = options;
  const files = given.flatMap((file) => file.split(","));
  if (files.filter((file) => file === "-").length > 1) {
    throw usageError("standard input cannot be used for multiple arguments");
  }
  for (const file of files) if (/^https?:\/\//.test(file)) throw urlError(file, command);
  // Only commands with -f pay for loading the YAML library.
  const { parseManifests } = await import("./parse-manifests.ts");
  const objects: ManifestObject[] = [];
  let texts = 0;
  for (const file of files) {
    const found = await unlessAborted(collected(textsOf(file, cwd, recursive, readStdin)), options.signal);
    texts += found.length;
    for (const { source, text } of found) objects.push(...(await parseManifests(text, source)));
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

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

async function* textsOf(
  file: string,
  cwd: string,
  recursive: boolean,
  readStdin: (() => Promise<string>) | undefined,
): AsyncGenerator<Text> {
  if (file === "-") {
    if (!readStdin) throw usageError("standard input cannot be used here");
    yield { source: "STDIN", text: await readStdin() };
    return;
  }
  const isFolder = await stat(resolve(cwd, file)).then(
    (stats) => stats.isDirectory(),
    (error: unknown) => {
      throw pathError(file, error);
    },
  );
  if (isFolder) yield* textsOfFolder(file, cwd, recursive);
  else yield await textOf(file, cwd);
}

async function* textsOfFolder(folder: string, cwd: string, recursive: boolean): AsyncGenerator<Text> {
  const entries = await readdir(resolve(cwd, folder), { withFileTypes: true }).catch((error: unknown) => {
    throw pathError(folder, error);
  });
  entries.sort((left, right) => (left.name < right.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    // As in kubectl, a link to a folder is not followed: a mounted ConfigMap would come twice.
    if (entry.isDirectory()) {
      if (recursive) yield* textsOfFolder(path, cwd, recursive);
    } else if (extensions.some((extension) => entry.name.endsWith(extension))) {
      yield await textOf(path, cwd);
    }
  }
}

async function textOf(file: string, cwd: string): Promise<Text> {
  try {
    return { source: file, text: await readFile(resolve(cwd, file), "utf8") };
  } catch (error) {
    throw pathError(file, error);
  }
}

// cli-runtime v0.36.1, resource/builder.go.
function pathError(file: string, cause: unknown): KevError {
  const path = JSON.stringify(file);
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ENOENT") return usageError(`the path ${path} does not exist`, { cause });
  return usageError(`the path ${path} cannot be accessed: ${message}`, { cause });
}

function urlError(url: string, command: string): KevError {
  const hint = `download it first: curl -fsSL ${url} | kev ${command} … -f -`;
  return usageError(`kev does not fetch manifests from URLs: ${url}`, { hint });
}
