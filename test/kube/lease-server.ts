import type { Connection } from "../../src/kube/connection.ts";
import type { Lease } from "../../src/kube/lease-requests.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { notFound, statusError } from "./scripted-connection.ts";

/** The one Lease kev/router, in memory, with the server's checks of versions. */
export interface LeaseServer {
  readonly lease: Lease | undefined;
  /** As somebody else would. */
  write(change: (lease: Lease) => void): void;
  remove(): void;
  /** A way to it; what happens to its requests is the test's to say. */
  connect(): LeaseConnection;
}

export interface LeaseConnection extends Connection {
  /** `cut`: refused. `silent`: taken, but never answered. `deaf`: neither. */
  state: "up" | "cut" | "silent" | "deaf";
  /** Thrown by the next requests of this method. */
  fail: { method: string; error: Error } | undefined;
  readonly methods: string[];
}

export function leaseServer(): LeaseServer {
  let lease: Lease | undefined;
  let version = 0;
  const store = (next: Lease): Lease => {
    version++;
    lease = { ...next, metadata: { ...next.metadata, resourceVersion: String(version) } };
    return structuredClone(lease);
  };
  const handle = (method: string, path: string, body: Lease | undefined): Lease => {
    const collection = "/apis/coordination.k8s.io/v1/namespaces/kev/leases";
    if (method === "POST" && path === collection && body) {
      if (lease) throw statusError(409, { kind: "Status", reason: "AlreadyExists" });
      return store(body);
    }
    if (path !== `${collection}/router`) throw new Error(`Unexpected request: ${method} ${path}`);
    if (!lease) throw notFound("leases", "coordination.k8s.io", "router");
    if (method === "GET") return structuredClone(lease);
    if (method !== "PUT" || !body) throw new Error(`Unexpected request: ${method} ${path}`);
    if (body.metadata.resourceVersion !== lease.metadata.resourceVersion) {
      throw statusError(409, { kind: "Status", reason: "Conflict" });
    }
    return store(body);
  };
  return {
    get lease() {
      return lease;
    },
    write: (change) => {
      if (!lease) throw new Error("There is no Lease");
      const next = structuredClone(lease);
      change(next);
      store(next);
    },
    remove: () => {
      lease = undefined;
    },
    connect: () => {
      const connection: LeaseConnection = {
        server: "https://kube.test:6443",
        namespace: "kev",
        namespaceEnforced: false,
        state: "up",
        fail: undefined,
        methods: [],
        request: async <T>({
          method = "GET",
          path,
          body,
          signal,
        }: Parameters<Connection["request"]>[0]): Promise<T> => {
          signal?.throwIfAborted();
          connection.methods.push(method);
          const { state, fail } = connection;
          if (state === "cut") throw new UnreachableError("refused", "The connection was refused");
          if (fail?.method === method) throw fail.error;
          if (state === "up") return handle(method, path, body as Lease | undefined) as T;
          if (state === "silent") handle(method, path, body as Lease | undefined);
          return new Promise((_resolve, reject) => {
            signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
          });
        },
        coreV1: () => Promise.reject(new Error("Unexpected use of coreV1")),
        close: () => undefined,
      };
      return connection;
    },
  };
}
