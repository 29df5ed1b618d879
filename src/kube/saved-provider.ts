import { open, readFile, realpath, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Document, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { errorCode, fileErrorText } from "../util/file-error.ts";
import { replaceFile } from "../util/replace-file.ts";
import type { NamedAuthProvider } from "./client-config.ts";
import { parseKubeconfig } from "./parse-kubeconfig.ts";

/** Times, and milliseconds between them, to wait for another program that writes: that takes a moment only. */
const [tries, pause] = [10, 100];

/** The auth provider's settings as its kubeconfig has them now; undefined when it has none any more. */
export async function readProviderConfig({
  file,
  user,
}: NamedAuthProvider): Promise<NamedAuthProvider["config"] | undefined> {
  try {
    const { users } = parseKubeconfig(await readFile(file, "utf8"), file, (path) => path);
    return users.get(user)?.authProvider?.config;
  } catch {
    // What was read at the start still counts.
    return undefined;
  }
}

/**
 * Writes settings of an auth provider into its kubeconfig, and leaves all else as it is, remarks too. Locks the file as
 * client-go does, by `FILE.lock`. Does nothing when the user, or its provider, is no longer there.
 *
 * @throws Error that says why not; nothing is written then
 */
export async function saveProviderConfig(
  { file, user }: NamedAuthProvider,
  changes: Readonly<Record<string, string>>,
): Promise<void> {
  if (file === "") return;
  const unlock = await lock(`${file}.lock`);
  try {
    const changed = withConfig(await readFile(file, "utf8"), user, changes);
    if (changed === undefined) return;
    const { authProvider } = parseKubeconfig(changed, file, (path) => path).users.get(user) ?? {};
    const isKept = Object.entries(changes).every(([key, value]) => authProvider?.config[key] === value);
    if (!isKept) throw new Error(`${file} cannot be changed without harm`);
    await replace(file, changed);
  } catch (error) {
    throw errorCode(error) ? new Error(fileErrorText("open", file, error), { cause: error }) : error;
  } finally {
    await unlock();
  }
}

/** Where a file cannot be replaced by another one: it is mounted by itself, or its folder is not for us to write to. */
const onlyInPlace = ["EXDEV", "EBUSY", "EACCES", "EPERM", "EROFS"];

/** Writes the file that is there, or that a link leads to, anew; whoever reads it then has the one text or the other. */
async function replace(file: string, text: string): Promise<void> {
  try {
    const path = await realpath(file);
    const { mode, uid, gid } = await stat(path);
    await replaceFile(path, text, 0o600, async (draft) => {
      const made = await draft.stat();
      if (made.uid !== uid || made.gid !== gid) await draft.chown(uid, gid);
      await draft.chmod(mode & 0o7777);
    });
  } catch (error) {
    if (!onlyInPlace.includes(errorCode(error))) throw error;
    await writeFile(file, text);
  }
}

/** The text of a kubeconfig with changed settings; undefined when there is nothing to change. */
function withConfig(text: string, user: string, changes: Readonly<Record<string, string>>): string | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0)
    throw new Error("the kubeconfig holds what cannot be kept: several documents, or an error");
  const users = document.get("users");
  const index = isSeq(users) ? users.items.findIndex((item) => isMap(item) && item.get("name") === user) : -1;
  const place = ["users", index, "user", "auth-provider"];
  if (index < 0 || !document.hasIn(place)) return undefined;
  let changed = text;
  const added: [string, string][] = [];
  // From the end on, so that what comes before stays where it is.
  for (const { key, value, range } of placesOf(document, place, changes)) {
    if (range === undefined) added.push([key, value]);
    else changed = changed.slice(0, range[0]) + JSON.stringify(value) + changed.slice(range[1]);
  }
  if (added.length === 0) return changed;
  const whole = parseDocument(changed);
  for (const [key, value] of added) whole.setIn([...place, "config", key], value);
  return whole.toString({ lineWidth: 0, indentSeq: false });
}

/** Where in the text each value stands, the last first; without a range what is not there, or is no plain or quoted text. */
function placesOf(document: Document, place: readonly unknown[], changes: Readonly<Record<string, string>>) {
  return Object.entries(changes)
    .map(([key, value]) => {
      const node = document.getIn([...place, "config", key], true);
      const isText = isScalar(node) && !String(node.type).startsWith("BLOCK");
      const [from = 0, to = 0] = (isText && node.range) || [];
      // Of a key without a value there is only a place, and nothing between that and the colon.
      return { key, value, range: from < to ? ([from, to] as const) : undefined };
    })
    .sort((a, b) => (b.range?.[0] ?? 0) - (a.range?.[0] ?? 0));
}

async function lock(file: string): Promise<() => Promise<void>> {
  for (let tried = 1; ; tried++) {
    try {
      await (await open(file, "wx", 0)).close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (errorCode(error) === "EEXIST" && tried < tries) await sleep(pause);
      else if (errorCode(error) === "EEXIST") throw new Error(`open ${file}: file exists`, { cause: error });
      else throw new Error(fileErrorText("open", file, error), { cause: error });
    }
  }
}
