import { type Retriable, type RetryPolicy, retry } from "../util/backoff.ts";
import type { Connection } from "./connection.ts";
import { retriable } from "./retriable.ts";

/**
 * `connection` whose `request` is sent again on failures that may pass. For requests that change nothing or may be
 * repeated; events are stored through `storeEvent`, which knows what a repeated POST means.
 */
export function withRetry(connection: Connection, policy: RetryPolicy, isRetriable: Retriable = retriable): Connection {
  return {
    server: connection.server,
    namespace: connection.namespace,
    namespaceEnforced: connection.namespaceEnforced,
    request: (request) => retry(() => connection.request(request), isRetriable, policy),
    coreV1: (...options) => connection.coreV1(...options),
    close: () => connection.close(),
  };
}
