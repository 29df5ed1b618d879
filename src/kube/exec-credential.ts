import { KevError } from "../util/errors.ts";
import { errorCode } from "../util/file-error.ts";
import { type ExecCredential, execApiVersions, execRefused, readExecAnswer } from "./exec-answer.ts";
import { type ExecCluster, execInfo } from "./exec-info.ts";
import { findProgram } from "./find-program.ts";
import type { ExecPlugin } from "./kubeconfig.ts";
import { pluginRefusal, readPluginPolicy } from "./plugin-policy.ts";

export type { ExecCredential } from "./exec-answer.ts";
export { execCluster } from "./exec-info.ts";

export interface ExecSurroundings {
  /** Also says, by PATH, where plug-ins are. */
  env: Readonly<Record<string, string | undefined>>;
  /** Where kubectl's own settings are. */
  homeDir: string;
  /** Told to plug-ins that ask for it. */
  cluster: ExecCluster;
  /** True when stdin is a terminal, so that a person may be asked. */
  stdinIsTTY: boolean;
  /** What else reads stdin, so that a plug-in may not: `used by …`. */
  stdinUsedBy?: string | undefined;
  /** Receives the plug-in's stderr; without it, that goes to this process' stderr. */
  onOutput?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const generalHint =
  "this is a client-go credential plug-in that is not installed; see " +
  "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";

/**
 * Runs a credential plug-in as client-go does (plugin/pkg/client/auth/exec/exec.go): KUBERNETES_EXEC_INFO is set, stdin
 * is given only where the plug-in may ask, stderr is passed through, stdout must be an ExecCredential. Plug-ins that may
 * ask run one after the other.
 *
 * @throws KevError (refused) with kubectl's texts; nothing that the plug-in printed to stdout is quoted
 */
export async function runExecPlugin(plugin: ExecPlugin, surroundings: ExecSurroundings): Promise<ExecCredential> {
  const interactive = mayAsk(plugin, surroundings);
  const { env, homeDir } = surroundings;
  const refusal = await pluginRefusal(await readPluginPolicy(env, homeDir), plugin.command, env.PATH);
  if (refusal) throw execRefused(refusal);
  const asked = (): Promise<string> => run(plugin, interactive, surroundings);
  return readExecAnswer(interactive ? await inTurn(asked) : await asked(), plugin.apiVersion);
}

/** Refuses what no run could make right. @throws KevError (usage) */
export function checkExecPlugin(plugin: ExecPlugin): void {
  if (execApiVersions.includes(plugin.apiVersion)) return;
  throw new KevError("usage", `exec plugin: invalid apiVersion "${plugin.apiVersion}"`, {
    hint: `use ${execApiVersions.join(" or ")}; a newer version of the plug-in may be needed for that`,
  });
}

function mayAsk({ interactiveMode }: ExecPlugin, { stdinIsTTY, stdinUsedBy }: ExecSurroundings): boolean {
  if (interactiveMode === "Always") {
    const why = !stdinIsTTY ? "not a terminal" : stdinUsedBy ? `unavailable: ${stdinUsedBy}` : undefined;
    if (why) throw execRefused(`exec plugin cannot support interactive mode: standard input is ${why}`);
  }
  return interactiveMode !== "Never" && stdinIsTTY && !stdinUsedBy;
}

// There is one terminal, however many connections there are.
let turn: Promise<unknown> = Promise.resolve();

function inTurn<T>(ask: () => Promise<T>): Promise<T> {
  const asked = turn.then(ask);
  turn = asked.catch(() => undefined);
  return asked;
}

async function run(plugin: ExecPlugin, interactive: boolean, surroundings: ExecSurroundings): Promise<string> {
  const { env, cluster, onOutput, signal } = surroundings;
  const byPath = plugin.command.includes("/");
  const program = byPath ? plugin.command : await findProgram(plugin.command, env.PATH);
  if (program === undefined) throw notFound(plugin);
  // Most kubeconfigs name no plug-in, and start faster without.
  const { spawn } = await import("node:child_process");
  const childEnv = {
    ...env,
    ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: execInfo(plugin.apiVersion, interactive, plugin.provideClusterInfo ? cluster : undefined),
  };
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const child = spawn(program, [...plugin.args], {
      argv0: plugin.command,
      env: childEnv,
      stdio: [interactive ? "inherit" : "ignore", "pipe", onOutput ? "pipe" : "inherit"],
    });
    // Not by spawn's own signal: that does nothing once the plug-in has ended, though a child of its own may hold its
    // output open, and with it this process.
    const onAbort = (): void => {
      child.kill();
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.unref();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (): void => signal?.removeEventListener("abort", onAbort);
    let stdout = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
    child.on("error", (error) => {
      settle();
      reject(notStarted(plugin, error));
    });
    child.on("close", (code) => {
      settle();
      if (code === 0) resolve(stdout);
      // Go says -1 for a program that a signal ended.
      else reject(execRefused(`exec: executable ${plugin.command} failed with exit code ${code ?? -1}`));
    });
  });
}

function notFound(plugin: ExecPlugin, cause?: Error): KevError {
  return execRefused(`exec: executable ${plugin.command} not found`, { hint: hintOf(plugin), cause });
}

function notStarted(plugin: ExecPlugin, error: Error): KevError {
  const { command } = plugin;
  const code = errorCode(error);
  if (code === "ENOENT" && !command.includes("/")) return notFound(plugin, error);
  if (code === "ENOENT") {
    const text = `exec: fork/exec ${command}: no such file or directory`;
    return execRefused(text, { hint: hintOf(plugin), cause: error });
  }
  if (code === "EACCES") return execRefused(`exec: fork/exec ${command}: permission denied`, { cause: error });
  return execRefused(`exec: ${error.message}`, { cause: error });
}

function hintOf({ installHint }: ExecPlugin): string {
  return installHint || generalHint;
}
