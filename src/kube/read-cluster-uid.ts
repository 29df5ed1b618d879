import type { KubeObject } from "../events/event.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";

/**
 * What tells one cluster from another: the uid of its namespace kube-system. Undefined where that may not be read. Needs get
 * on this one namespace.
 */
export async function readClusterUid(connection: Connection, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { metadata } = await connection.request<KubeObject>({ path: "/api/v1/namespaces/kube-system", signal });
    return metadata.uid;
  } catch (error) {
    if (error instanceof ApiError && (error.httpStatus === 403 || error.httpStatus === 404)) return undefined;
    throw error;
  }
}
