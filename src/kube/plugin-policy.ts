import { readFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import { loadAll } from "js-yaml";
import { type KevError, usageError } from "../util/errors.ts";
import { errorCode, fileErrorText } from "../util/file-error.ts";
import { recordOf } from "../util/is-record.ts";
import { findProgram } from "./find-program.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Which credential plug-ins may run. */
export interface PluginPolicy {
  readonly type: "AllowAll" | "DenyAll" | "Allowlist";
  /** Names and paths; only for `Allowlist`. */
  readonly commands: readonly string[];
}

const allowAll: PluginPolicy = { type: "AllowAll", commands: [] };

/**
 * What kubectl's own settings allow: `credentialPluginPolicy` of the file that `$KUBERC` names, else `~/.kube/kuberc`
 * (kubectl pkg/kuberc). All of the file's rest is for kubectl's commands. Read only when there is a plug-in to run.
 *
 * Differs from kubectl in one thing: a file that cannot be understood is refused, not passed over with a warning, since it
 * may forbid what would run.
 *
 * @throws KevError (usage)
 */
export async function readPluginPolicy(env: Env, homeDir: string): Promise<PluginPolicy> {
  // The values of Go's ParseBool for false.
  if (env.KUBERC === "off" || /^(?:0|f|F|false|FALSE|False)$/.test(env.KUBECTL_KUBERC ?? "")) return allowAll;
  const file = env.KUBERC || join(homeDir, ".kube", "kuberc");
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (!env.KUBERC && errorCode(error) === "ENOENT") return allowAll;
    throw unusable(`kuberc error kuberc: ${fileErrorText("open", file, error)}`);
  }
  return policyOf(text, file);
}

function policyOf(text: string, file: string): PluginPolicy {
  let documents: unknown[];
  try {
    documents = loadAll(text).filter((document) => document !== null && document !== undefined);
  } catch {
    throw unusable(`kuberc error kuberc: ${file} is not YAML`);
  }
  if (documents.length === 0) return allowAll;
  const preference = documents.map(recordOf).find(({ apiVersion, kind }) => {
    return kind === "Preference" && String(apiVersion).startsWith("kubectl.config.k8s.io/");
  });
  if (preference === undefined) throw unusable(`kuberc error kuberc: no valid preferences found in ${file}`);
  // Its first version knows no such fields.
  if (preference.apiVersion === "kubectl.config.k8s.io/v1alpha1") return allowAll;
  const { credentialPluginPolicy: type = "", credentialPluginAllowlist: list } = preference;
  if (type === "" || type === "AllowAll" || type === "DenyAll") {
    if (list === undefined || list === null) return type === "DenyAll" ? { ...allowAll, type } : allowAll;
    throw unusable(`misconfigured credential plugin allowlist: plugin policy is "${type}" but allowlist is non-nil`);
  }
  if (type !== "Allowlist") throw unusable(`unknown plugin policy: "${String(type)}"`);
  if (!Array.isArray(list)) {
    throw unusable('credential plugin policy set to "Allowlist", but allowlist is unspecified');
  }
  if (list.length === 0) {
    throw unusable('credential plugin policy set to "Allowlist", but allowlist is empty; use "DenyAll" policy instead');
  }
  return { type, commands: list.map(commandOf) };
}

function commandOf(entry: unknown, index: number): string {
  const { name, command } = recordOf(entry);
  if (name !== undefined && command !== undefined && name !== command) {
    throw unusable("both `name` and `command` were supplied with different values");
  }
  const value = command ?? name;
  if (typeof value !== "string" || value === "") {
    throw unusable(`misconfigured credential plugin allowlist: empty allowlist entry #${index + 1}`);
  }
  if (normalize(value) !== value) throw unusable(`non-normalized file path: "${value}" vs "${normalize(value)}"`);
  return value;
}

/**
 * Why `command` must not run; undefined when it may. An entry of the list and the plug-in must be the same file, found on
 * `path`.
 */
export async function pluginRefusal(
  { type, commands }: PluginPolicy,
  command: string,
  path: string | undefined,
): Promise<string | undefined> {
  const plugin = normalize(command);
  if (type === "AllowAll") return undefined;
  if (type === "DenyAll") return `plugin "${plugin}" not allowed: policy set to "DenyAll"`;
  if (commands.includes(plugin)) return undefined;
  const file = await findProgram(plugin, path);
  if (file === undefined) {
    const why = plugin.includes("/")
      ? `stat ${plugin}: no such file or directory`
      : "executable file not found in $PATH";
    return `plugin path "${plugin}" cannot be resolved for credential plugin allowlist check: exec: "${plugin}": ${why}`;
  }
  for (const entry of commands) if ((await findProgram(entry, path)) === file) return undefined;
  return `plugin path "${file}" is not permitted by the credential plugin allowlist`;
}

function unusable(message: string): KevError {
  return usageError(message, {
    prefix: "error occurred while applying preferences ",
    hint: "its credentialPluginPolicy also goes for kev; KUBERC=off turns the file off",
  });
}
