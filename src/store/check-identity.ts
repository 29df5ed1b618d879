import { usageError } from "../util/errors.ts";

/** Whose state a store is. */
export interface StoreIdentity {
  /** uid of the namespace kube-system, else the server's address. */
  readonly cluster: string;
  /** Empty: all namespaces. */
  readonly namespace: string;
}

/** The cluster and the namespace that are read. */
export interface ReadScope {
  /** uid of the namespace kube-system, where it may be read. */
  readonly clusterUid: string | undefined;
  readonly server: string;
  /** Empty: all namespaces. */
  readonly namespace: string;
}

/**
 * What a store is about from now on. A store that was begun when kube-system could not be read knows its cluster by the
 * server's address, and learns the uid when it is there.
 *
 * @param what is read, as the error calls it
 * @throws usage error where the store is about the events of another place, or it cannot be told whether it is
 */
export function checkIdentity(
  stored: StoreIdentity | undefined,
  scope: ReadScope,
  what: "events" | "objects" = "events",
): StoreIdentity {
  const { clusterUid, server, namespace } = scope;
  const own: StoreIdentity = { cluster: clusterUid ?? server, namespace };
  if (stored === undefined) return own;
  const isSame = stored.cluster === own.cluster || stored.cluster === server;
  if (!isSame && clusterUid === undefined && !stored.cluster.includes("://")) {
    throw usageError(
      "it cannot be told whether the state is about this cluster: its namespace kube-system cannot be read",
      {
        hint: "grant get on the namespace kube-system, which was readable before; --state names another state",
      },
    );
  }
  if (isSame && stored.namespace === namespace) return own;
  const whose = isSame ? scopeText(stored.namespace) : "another cluster";
  throw usageError(`the state is about the ${what} of ${whose}`, { hint: "--state names another one" });
}

function scopeText(namespace: string): string {
  return namespace === "" ? "all namespaces" : `the namespace ${namespace}`;
}
