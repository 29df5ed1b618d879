import { arch, platform, env as processEnv } from "node:process";
import { isatty } from "node:tty";
import { KevError, usageError } from "../util/errors.ts";
import { homeFolder } from "../util/home-folder.ts";
import { version } from "../version.ts";
import { callerCredentials, fromCallerConfig, needsCallerCredentials } from "./caller-config.ts";
import type { ClientConfig } from "./client-config.ts";
import type { ConnectOptions } from "./connect-options.ts";
import type { Connection } from "./connection.ts";
import type { CoreV1Answers, CoreV1Events } from "./core-v1-api.ts";
import { type Credentials, createCredentials, usesPlugin } from "./credentials.ts";
import type { ExecCredential } from "./exec-credential.ts";
import { findInCluster } from "./in-cluster.ts";
import { loadKubeconfig } from "./load-kubeconfig.ts";
import { proxyFor } from "./proxy.ts";
import { resolveClientConfig } from "./resolve-client-config.ts";
import { type TlsMaterial, tlsMaterialReader } from "./tls-material.ts";
import { createTransport, type Transport } from "./transport.ts";

export type { ConnectOptions, RequestReport } from "./connect-options.ts";

/** A connection that can also hand out an answer while it still comes in. */
export interface StreamingConnection extends Connection {
  readonly send: Transport["send"];
}

/**
 * Finds the server and the credentials as kubectl does (flags, kubeconfig files, the pod's service account) and returns a
 * connection to it. Reads files; sends nothing and runs no credential plug-in before the first request. Needs no rights.
 *
 * @example const connection = await connect({ context: "prod" });
 * @throws KevError: usage for broken or contradicting configuration, not-found for a context, cluster or user that does
 * not exist, refused for an auth provider that there is no more
 */
export async function connect(options: ConnectOptions = {}): Promise<StreamingConnection> {
  const env = options.env ?? processEnv;
  const config = await configOf(options, env);
  const now = Date.now;
  const material = tlsMaterialReader(config.tls, now, config.server.startsWith("https:") ? env : undefined);
  // Broken certificates are said before anything is sent.
  await material();
  const proxy = proxyFor(new URL(config.server), config.proxyUrl, env);
  const transport = createTransport({
    config,
    credentials: await credentialsOf(config, options, env, material),
    material,
    proxy,
    userAgent: options.userAgent || defaultUserAgent(),
    signal: options.signal,
    now,
    onWarning: options.onWarning,
    onRequest: options.onRequest,
  });
  return {
    server: config.server,
    namespace: config.namespace,
    namespaceEnforced: config.namespaceEnforced,
    request: transport.request,
    send: transport.send,
    coreV1: coreV1Of(transport),
    close: transport.close,
  };
}

/** Made once for many events with the same signal. */
function coreV1Of(transport: Transport): Connection["coreV1"] {
  type Made = { readonly signal: AbortSignal | undefined; readonly answers: CoreV1Answers };
  let latest: (Made & { readonly api: Promise<CoreV1Events> }) | undefined;
  return (signal, answers = "typed") => {
    if (latest?.signal !== signal || latest?.answers !== answers) {
      const made = { signal, answers };
      latest = { ...made, api: import("./http-library.ts").then((library) => library.createCoreV1(transport, made)) };
    }
    return latest.api;
  };
}

type Env = NonNullable<ConnectOptions["env"]>;

async function configOf(options: ConnectOptions, env: Env): Promise<ClientConfig> {
  const { kubeconfig, missing } = await kubeconfigOf(options, env);
  return resolveClientConfig(kubeconfig, options, {
    inCluster: () => findInCluster(env, options.serviceAccountDir),
    defaultServer: env.KUBERNETES_MASTER || "http://localhost:8080",
    missing,
  });
}

async function kubeconfigOf(options: ConnectOptions, env: Env) {
  if (options.kubeConfig) {
    return { kubeconfig: fromCallerConfig(options.kubeConfig), missing: [] };
  }
  return loadKubeconfig({ explicit: options.kubeconfig, env, homeDir: homeOf(options, env) });
}

function homeOf({ homeDir }: ConnectOptions, env: Env): string {
  return homeFolder(homeDir ?? env.HOME);
}

async function credentialsOf(
  config: ClientConfig,
  options: ConnectOptions,
  env: Env,
  material: () => Promise<TlsMaterial>,
): Promise<Credentials> {
  const { kubeConfig } = options;
  if (kubeConfig && config.server.startsWith("https:") && !options.token && needsCallerCredentials(kubeConfig)) {
    refuseOtherUser(options, kubeConfig.getCurrentContext());
    return callerCredentials(kubeConfig);
  }
  return createCredentials(config, {
    now: Date.now,
    runPlugin: await pluginOf(config, options, env, material),
    idToken: idTokenOf(config, options, env),
  });
}

// What few kubeconfigs need is loaded only for those.

async function pluginOf(
  config: ClientConfig,
  options: ConnectOptions,
  env: Env,
  material: () => Promise<TlsMaterial>,
): Promise<() => Promise<ExecCredential>> {
  const plugin = usesPlugin(config) ? config.auth.exec?.plugin : undefined;
  if (!plugin) return () => Promise.reject(new KevError("failed", "there is no credential plug-in to run"));
  const { checkExecPlugin, execCluster, runExecPlugin } = await import("./exec-credential.ts");
  checkExecPlugin(plugin);
  return async () => {
    const { authority } = await material();
    return runExecPlugin(plugin, {
      env,
      homeDir: homeOf(options, env),
      cluster: execCluster(config, authority),
      stdinIsTTY: options.stdinIsTTY ?? isatty(0),
      stdinUsedBy: options.stdinUsedBy,
      onOutput: options.onPluginOutput,
      signal: options.signal,
    });
  };
}

function idTokenOf({ auth }: ClientConfig, { signal }: ConnectOptions, env: Env): () => Promise<string> {
  let tokens: Promise<() => Promise<string>> | undefined;
  return async () => {
    const { authProvider } = auth;
    if (!authProvider) throw new KevError("failed", "there is no auth provider to ask");
    tokens ??= import("./oidc.ts").then(({ oidcTokens }) => oidcTokens(authProvider, { env, now: Date.now, signal }));
    return (await tokens)();
  };
}

// client-node only gets credentials for the current context's user; anything else would be sent as somebody else.
function refuseOtherUser({ context, user }: ConnectOptions, current: string): void {
  if (!user && (!context || context === current)) return;
  throw usageError("context and user cannot be chosen for a KubeConfig with its own authenticators", {
    hint: "call its setCurrentContext instead",
  });
}

const goNames: Readonly<Record<string, string>> = { win32: "windows", x64: "amd64", ia32: "386" };

function defaultUserAgent(): string {
  return `kev/${version} (${goNames[platform] ?? platform}/${goNames[arch] ?? arch})`;
}
