import { KevError, type KevErrorOptions } from "../util/errors.ts";
import { errorCode } from "../util/file-error.ts";
import { recordOf } from "../util/is-record.ts";
import { type ExecCluster, execInfo } from "./exec-info.ts";
import type { ExecPlugin } from "./kubeconfig.ts";

/** What a credential plug-in answered: a token, a certificate with its key, or both. */
export interface ExecCredential {
  readonly token: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** Milliseconds since 1970 after which to ask again; undefined: never. */
  readonly expires: number | undefined;
}

export interface ExecSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** Told to plug-ins that ask for it. */
  cluster: ExecCluster;
  /** True when stdin is a terminal, so that a person may be asked. */
  stdinIsTTY: boolean;
  /** Receives the plug-in's stderr; without it, that goes to this process' stderr. */
  onOutput?: ((text: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

const apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];
const generalHint =
  "this is a client-go credential plug-in that is not installed; see " +
  "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";

/**
 * Runs a credential plug-in as client-go does (plugin/pkg/client/auth/exec/exec.go): KUBERNETES_EXEC_INFO is set, stdin
 * is given only where the plug-in may ask, stderr is passed through, stdout must be an ExecCredential.
 *
 * @throws KevError (refused) with kubectl's texts; nothing that the plug-in printed to stdout is quoted
 */
export async function runExecPlugin(plugin: ExecPlugin, surroundings: ExecSurroundings): Promise<ExecCredential> {
  const interactive = mayAsk(plugin, surroundings.stdinIsTTY);
  const stdout = await run(plugin, interactive, surroundings);
  return readAnswer(stdout, plugin.apiVersion);
}

/** Refuses what no run could make right. @throws KevError (usage) */
export function checkExecPlugin(plugin: ExecPlugin): void {
  if (apiVersions.includes(plugin.apiVersion)) return;
  throw new KevError("usage", `exec plugin: invalid apiVersion "${plugin.apiVersion}"`, {
    hint: `use ${apiVersions.join(" or ")}; a newer version of the plug-in may be needed for that`,
  });
}

function mayAsk({ interactiveMode }: ExecPlugin, stdinIsTTY: boolean): boolean {
  if (interactiveMode === "Always" && !stdinIsTTY) {
    throw refused("exec plugin cannot support interactive mode: standard input is not a terminal");
  }
  return interactiveMode !== "Never" && stdinIsTTY;
}

async function run(plugin: ExecPlugin, interactive: boolean, surroundings: ExecSurroundings): Promise<string> {
  // Most kubeconfigs name no plug-in, and start faster without.
  const { spawn } = await import("node:child_process");
  const { env, cluster, onOutput, signal } = surroundings;
  const childEnv = {
    ...env,
    ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: execInfo(plugin.apiVersion, interactive, plugin.provideClusterInfo ? cluster : undefined),
  };
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const child = spawn(plugin.command, [...plugin.args], {
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
      else reject(refused(`exec: executable ${plugin.command} failed with exit code ${code ?? -1}`));
    });
  });
}

function notStarted({ command, installHint }: ExecPlugin, error: Error): KevError {
  const hint = installHint || generalHint;
  const code = errorCode(error);
  if (code === "ENOENT" && !command.includes("/")) {
    return refused(`exec: executable ${command} not found`, { hint, cause: error });
  }
  if (code === "ENOENT")
    return refused(`exec: fork/exec ${command}: no such file or directory`, { hint, cause: error });
  if (code === "EACCES") return refused(`exec: fork/exec ${command}: permission denied`, { cause: error });
  return refused(`exec: ${error.message}`, { cause: error });
}

function readAnswer(stdout: string, apiVersion: string): ExecCredential {
  const answer = recordOf(parse(stdout));
  const returned = textOf(answer.apiVersion);
  if (returned !== apiVersion || answer.kind !== "ExecCredential") {
    const got =
      returned === apiVersion ? `kind ${textOf(answer.kind) || "nothing"}` : `version ${returned || "nothing"}`;
    throw refused(`exec plugin is configured to use API version ${apiVersion}, plugin returned ${got}`);
  }
  if (typeof answer.status !== "object" || answer.status === null) {
    throw refused("exec plugin didn't return a status field");
  }
  const status = recordOf(answer.status);
  const token = textOf(status.token);
  const certificate = textOf(status.clientCertificateData);
  const key = textOf(status.clientKeyData);
  if (!token && !certificate && !key) throw refused("exec plugin didn't return a token or cert/key pair");
  if (!certificate !== !key) throw refused("exec plugin returned only certificate or key, not both");
  return { token, certificate, key, expires: expiry(textOf(status.expirationTimestamp)) };
}

function parse(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    // Without the cause: its message quotes what was printed, perhaps a token.
    throw refused("decoding stdout: the exec plugin did not print JSON");
  }
}

function expiry(timestamp: string): number | undefined {
  if (timestamp === "") return undefined;
  const time = Date.parse(timestamp);
  if (Number.isNaN(time)) throw refused("decoding stdout: expirationTimestamp is not a time");
  return time;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function refused(message: string, options: KevErrorOptions = {}): KevError {
  const prefix = "Unable to connect to the server: ";
  return new KevError("refused", `getting credentials: ${message}`, { ...options, prefix });
}
