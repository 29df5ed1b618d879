import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileErrorText } from "../util/file-error.ts";
import type { ConfigEntry, ConfigNode } from "./config-node.ts";
import type { Report } from "./map-reader.ts";
import { readText } from "./read-scalar.ts";

export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Relative file names are relative to it. */
  readonly cwd: string;
  /** Default: the file system's. Rejects with a system error. */
  readonly readFile?: ((file: string) => Promise<string>) | undefined;
}

/**
 * The value with the text of variables and files in place of each `{ fromEnv: NAME }` and `{ fromFile: PATH }`. Of a file
 * one line feed at its end is cut. Those that are missing or empty are reported, and become scalars without a value;
 * `${NAME}`, as other tools have it, is reported as well.
 *
 * @param secrets what was found is added to it
 */
export async function resolveSecrets(
  node: ConfigNode,
  sources: SecretSources,
  secrets: string[],
  report: Report,
): Promise<ConfigNode> {
  if (node.kind === "list") {
    const items: ConfigNode[] = [];
    for (const item of node.items) items.push(await resolveSecrets(item, sources, secrets, report));
    return { ...node, items };
  }
  if (node.kind === "scalar") return checkVariable(node, report);
  const [only, more] = node.entries;
  if (only && !more && (only.key === "fromEnv" || only.key === "fromFile")) {
    const value = await secretOf(only, sources, report);
    if (value !== undefined) secrets.push(value);
    return { line: node.line, column: node.column, kind: "scalar", value };
  }
  const entries: ConfigEntry[] = [];
  for (const entry of node.entries) {
    entries.push({ ...entry, value: await resolveSecrets(entry.value, sources, secrets, report) });
  }
  return { ...node, entries };
}

/** A receiver would be sent the text as it stands, and refuse it at best. */
function checkVariable(node: ConfigNode & { kind: "scalar" }, report: Report): ConfigNode {
  const [, name] = /^(?:\w+ )?\$\{(\w+)\}$/.exec(String(node.value)) ?? [];
  if (name === undefined) return node;
  report(node, `variables in a text are not filled in; the whole of a value may be one: { fromEnv: ${name} }`);
  return { ...node, value: undefined };
}

async function secretOf(
  { key, value, ...place }: ConfigEntry,
  { env, cwd, readFile: read = (file) => readFile(file, "utf8") }: SecretSources,
  report: Report,
): Promise<string | undefined> {
  const name = readText(value, key, (text) => (text === "" ? "is empty" : undefined), report);
  if (name === undefined) return undefined;
  let text: string | undefined;
  if (key === "fromEnv") {
    text = env[name];
    if (text === undefined) report(place, `the environment variable ${name} is not set`);
    else if (text === "") report(place, `the environment variable ${name} is empty`);
  } else {
    try {
      text = (await read(resolve(cwd, name))).replace(/\r?\n$/, "");
      if (text === "") report(place, `the file ${name} is empty`);
    } catch (error) {
      report(place, fileErrorText("open", name, error));
    }
  }
  return text || undefined;
}
