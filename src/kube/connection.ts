import type { CoreV1Answers, CoreV1Events } from "./core-v1-api.ts";

/** One request to the API server; everything that is not authentication or TLS. */
export interface ApiRequest {
  /** Default `GET`. */
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path on the server, each part percent-encoded: `/api/v1/namespaces/prod/events`. */
  path: string;
  /** Undefined values are left out. */
  query?: Readonly<Record<string, string | undefined>>;
  /** Sent as JSON. */
  body?: unknown;
  /** Default `application/json`. */
  contentType?: string;
  /** Default `application/json`. */
  accept?: string;
  signal?: AbortSignal | undefined;
}

/**
 * An authenticated way to one API server. Sockets are kept and reused; nothing is sent before the first request.
 *
 * Failures: {@link ApiError} for any answer outside 2xx, {@link UnreachableError} when there was no whole answer, the signal's reason
 * when the caller aborted.
 */
export interface Connection {
  /** The server's base URL without credentials, as in the kubeconfig. */
  readonly server: string;
  /** The namespace of commands that name none: `--namespace`, the context's, the pod's, or `default`. */
  readonly namespace: string;
  /** True when the namespace was asked for by flag, so a manifest that names another is an error. */
  readonly namespaceEnforced: boolean;
  /** The answer's JSON body. */
  request<T>(request: ApiRequest): Promise<T>;
  /** client-node's typed core/v1 API on this very connection; `signal` ends what is under way by it. Default: `typed`. */
  coreV1(signal?: AbortSignal, answers?: CoreV1Answers): Promise<CoreV1Events>;
  /** Closes kept sockets; a connection may be used again afterwards. */
  close(): void;
}
