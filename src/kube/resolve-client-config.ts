import { parseRequestTimeout } from "../util/duration.ts";
import { checkSecureSelection, checkSelection } from "./check-selection.ts";
import {
  type AuthConfig,
  type ClientConfig,
  type Impersonation,
  noAuth,
  type PemSource,
  plainTls,
  type TlsConfig,
} from "./client-config.ts";
import type { ConnectOptions } from "./connect-options.ts";
import type { InCluster } from "./in-cluster.ts";
import type { Kubeconfig, KubeconfigUser } from "./kubeconfig.ts";
import { overrideCluster, overrideUser, type Selection, selectContext } from "./select-context.ts";
import { parseServerUrl } from "./server-url.ts";

export interface Surroundings {
  /** The pod kev runs in, asked for when nothing else names a server or a namespace. */
  inCluster(): Promise<InCluster | undefined>;
  /** Server of last resort: `$KUBERNETES_MASTER`, or `http://localhost:8080`. */
  defaultServer: string;
  /** Kubeconfig files that do not exist, for the hint. */
  missing: readonly string[];
}

/**
 * Milliseconds. An API server gives up on a request after 60 s itself, so that what has no answer by then has a connection that
 * is dead, and would be waited for without end: TCP does not tell.
 */
const usualTimeout = 90_000;

/**
 * Kubeconfig and flags to the one server and identity to use, as kubectl decides it.
 *
 * Differs from kubectl where that would reach a cluster nobody named, see `selectContext`; and in a pod, flags such as
 * `--as` or `--request-timeout` do not stop it from using the pod's cluster.
 *
 * @throws KevError: not-found for contexts, clusters and users that do not exist, else usage
 */
export async function resolveClientConfig(
  kubeconfig: Kubeconfig,
  options: ConnectOptions,
  surroundings: Surroundings,
): Promise<ClientConfig> {
  const timeout = options.requestTimeout ? parseRequestTimeout(options.requestTimeout) : usualTimeout;
  const chosen = selectContext(kubeconfig, options);
  const serverNamed = chosen.cluster.server !== "";
  const pod = serverNamed && chosen.namespace ? undefined : await surroundings.inCluster();
  const selection = serverNamed ? chosen : fallBack(chosen, options, surroundings, pod);
  await checkSelection(selection);
  const { server, credentials } = parseServerUrl(selection.cluster.server);
  // Credentials and certificates are for TLS only.
  const secure = server.startsWith("https:");
  if (secure) checkSecureSelection(selection);
  const tls = secure ? tlsConfig(selection) : plainTls;
  const auth = secure ? authConfig(selection) : noAuth;
  const isSomebody = credentials || tls.certificate || Object.values(auth).some(Boolean);
  return {
    server,
    urlCredentials: credentials,
    contextName: selection.contextName,
    namespace: selection.namespace || pod?.namespace || "default",
    namespaceEnforced: selection.namespaceEnforced,
    tls,
    auth,
    impersonate: impersonation(selection.user),
    proxyUrl: selection.cluster.proxyUrl,
    disableCompression: selection.cluster.disableCompression,
    timeout,
    unreachableHint: serverNamed || pod ? undefined : lastResortHint(surroundings.missing),
    anonymousHint: secure ? anonymousHint(selection, kubeconfig, Boolean(isSomebody)) : undefined,
  };
}

function fallBack(
  selection: Selection,
  options: ConnectOptions,
  { defaultServer }: Surroundings,
  pod: InCluster | undefined,
): Selection {
  if (!pod) return { ...selection, cluster: { ...selection.cluster, server: defaultServer } };
  const user = overrideUser(pod.user, options);
  return {
    ...selection,
    cluster: overrideCluster(pod.cluster, options),
    // In a pod, unlike with a kubeconfig, --token wins over the token file.
    user: options.token ? { ...user, tokenFile: "" } : user,
  };
}

function lastResortHint(missing: readonly string[]): string {
  const why =
    missing.length === 0 ? "the kubeconfig names no server" : `there is no kubeconfig at ${missing.join(", ")}`;
  return `${why}; set KUBECONFIG, or pass --kubeconfig or --server`;
}

function anonymousHint(
  { contextName, userName, user }: Selection,
  { users }: Kubeconfig,
  isSomebody: boolean,
): string | undefined {
  if (user.username) return "no API server has taken a name and a password since Kubernetes 1.19";
  if (isSomebody) return undefined;
  const why = userName === "" ? unnamedUser(contextName) : ownCredentials(userName, users.has(userName));
  return `the request went without credentials: ${why}`;
}

function unnamedUser(contextName: string): string {
  return contextName === "" ? "no context is chosen" : `the context "${contextName}" names no user`;
}

function ownCredentials(userName: string, exists: boolean): string {
  return exists ? `the user "${userName}" has none` : `the kubeconfig has no user "${userName}"`;
}

function tlsConfig({ cluster, user }: Selection): TlsConfig {
  const certificate = pemSource(user.clientCertificateData, user.clientCertificate);
  const key = pemSource(user.clientKeyData, user.clientKey);
  return {
    insecure: cluster.insecureSkipTlsVerify,
    serverName: cluster.tlsServerName,
    authority: pemSource(cluster.certificateAuthorityData, cluster.certificateAuthority),
    certificate: certificate && key ? { certificate, key } : undefined,
  };
}

function pemSource(pem: string, file: string): PemSource | undefined {
  if (pem) return { pem };
  return file ? { file } : undefined;
}

function authConfig({ user, userName, cluster }: Selection): AuthConfig {
  const { token, tokenFile, username, password, exec, authProvider } = user;
  return {
    token,
    tokenFile,
    // A password without a name is none to client-go.
    basic: username ? { username, password } : undefined,
    exec: exec && { plugin: exec, address: cluster.server, clusterExtension: cluster.execExtension },
    authProvider: authProvider && { ...authProvider, user: userName },
  };
}

function impersonation({ as, asUid, asGroups, asUserExtra }: KubeconfigUser): Impersonation | undefined {
  return as ? { user: as, uid: asUid, groups: asGroups, extra: asUserExtra } : undefined;
}
