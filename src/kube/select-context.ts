import { KevError, usageError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import type { ConnectOptions } from "./connect-options.ts";
import {
  emptyCluster,
  emptyContext,
  emptyUser,
  type Kubeconfig,
  type KubeconfigCluster,
  type KubeconfigUser,
} from "./kubeconfig.ts";

/** What flags and kubeconfig together say, before anything is checked or read. */
export interface Selection {
  readonly contextName: string;
  readonly clusterName: string;
  readonly userName: string;
  /** `--namespace`, else the context's; empty when neither names one. */
  readonly namespace: string;
  readonly namespaceEnforced: boolean;
  /** `server` is empty when neither flag nor kubeconfig names one. */
  readonly cluster: KubeconfigCluster;
  readonly user: KubeconfigUser;
}

/**
 * Picks context, cluster and user as kubectl does and lays the flags over them (client-go tools/clientcmd/client_config.go).
 *
 * @throws KevError (not-found) when a flag or current-context names what the kubeconfig does not have
 */
export function selectContext(kubeconfig: Kubeconfig, options: ConnectOptions): Selection {
  const contextName = options.context || kubeconfig.currentContext;
  const context = kubeconfig.contexts.get(contextName) ?? emptyContext;
  const userName = options.user || context.user;
  const clusterName = options.cluster || context.cluster;
  const user = kubeconfig.users.get(userName);
  const cluster = kubeconfig.clusters.get(clusterName);
  if (options.user && !user) throw missing(`auth info "${userName}" does not exist`, kubeconfig.users, userName);
  if (contextName !== "" && !kubeconfig.contexts.has(contextName)) {
    if (options.context) throw missing(`context "${contextName}" does not exist`, kubeconfig.contexts, contextName);
    const text = `context was not found for specified context: ${contextName}`;
    throw missing(text, kubeconfig.contexts, contextName, "Error in configuration: ");
  }
  if (options.cluster && !cluster) {
    throw missing(`cluster "${clusterName}" does not exist`, kubeconfig.clusters, clusterName);
  }
  const selection = {
    contextName,
    clusterName,
    userName,
    namespace: options.namespace || context.namespace,
    namespaceEnforced: Boolean(options.namespace),
    cluster: overrideCluster(cluster ?? emptyCluster, options),
    user: overrideUser(user ?? emptyUser, options),
  };
  refuseLostCluster(selection, cluster !== undefined);
  return selection;
}

// kubectl would go on with http://localhost:8080, or with the cluster its pod runs in. An event must not land in a
// cluster that nobody named, so this is an error here.
function refuseLostCluster({ clusterName, contextName, cluster }: Selection, known: boolean): void {
  if (clusterName === "" || cluster.server !== "") return;
  if (known) throw usageError(`no server found for cluster "${clusterName}"`);
  throw new KevError("not-found", `cluster "${clusterName}" was not found for context "${contextName}"`);
}

/** Lays the cluster flags over a cluster of the kubeconfig, or over the one a pod runs in. */
export function overrideCluster(cluster: KubeconfigCluster, options: ConnectOptions): KubeconfigCluster {
  const merged = {
    ...cluster,
    server: options.server || cluster.server,
    disableCompression: options.disableCompression || cluster.disableCompression,
  };
  if (options.insecureSkipTlsVerify || options.certificateAuthority) {
    merged.insecureSkipTlsVerify = options.insecureSkipTlsVerify ?? false;
    merged.certificateAuthority = options.certificateAuthority ?? "";
    merged.certificateAuthorityData = "";
  }
  // A name that was right for the kubeconfig's server is wrong for another one.
  if (options.tlsServerName || options.server) merged.tlsServerName = options.tlsServerName ?? "";
  return merged;
}

/** Lays the user flags over a user of the kubeconfig. */
export function overrideUser(user: KubeconfigUser, options: ConnectOptions): KubeconfigUser {
  const { clientCertificate, clientKey, asGroups, asUserExtra } = options;
  return {
    ...user,
    token: options.token || user.token,
    as: options.as || user.as,
    asUid: options.asUid || user.asUid,
    asGroups: asGroups?.length ? asGroups : user.asGroups,
    asUserExtra: asUserExtra?.length ? { ...user.asUserExtra, ...parseExtras(asUserExtra) } : user.asUserExtra,
    ...(clientCertificate ? { clientCertificate, clientCertificateData: "" } : {}),
    ...(clientKey ? { clientKey, clientKeyData: "" } : {}),
  };
}

function parseExtras(pairs: readonly string[]): Record<string, readonly string[]> {
  const extras = new Map<string, string[]>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    // kubectl drops such a pair without a word; impersonating somebody else than asked for is worse than stopping.
    if (equals < 1) throw usageError(`invalid --as-user-extra "${pair}": expected KEY=VALUE`);
    const key = pair.slice(0, equals);
    extras.set(key, [...(extras.get(key) ?? []), pair.slice(equals + 1)]);
  }
  return Object.fromEntries(extras);
}

function missing(message: string, known: ReadonlyMap<string, unknown>, name: string, prefix = "error: "): KevError {
  const names = [...known.keys()].sort();
  const near = nearest(name, names);
  const shown = near.length > 0 ? near : names.slice(0, 10);
  const hint =
    names.length === 0
      ? "the kubeconfig names none; check KUBECONFIG and --kubeconfig"
      : near.length > 0
        ? `did you mean ${shown.join(" or ")}?`
        : `there is ${shown.join(", ")}${names.length > shown.length ? ` and ${names.length - shown.length} more` : ""}`;
  return new KevError("not-found", message, { prefix, hint });
}
