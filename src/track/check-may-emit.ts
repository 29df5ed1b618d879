import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { forbiddenHint } from "../kube/forbidden-hint.ts";
import { whoAmI } from "../record/who-am-i.ts";
import { KevError } from "../util/errors.ts";

interface AccessReview {
  status?: { allowed?: boolean };
}

/**
 * Asks the server whether events may be written, by a SelfSubjectAccessReview, which everybody who is logged in may create.
 *
 * @param namespace undefined: in all namespaces
 * @throws KevError (refused), with the role that is missing as its hint
 */
export async function checkMayEmit(
  connection: Connection,
  namespace: string | undefined,
  signal?: AbortSignal,
): Promise<void> {
  if (await mayEmit(connection, namespace, signal)) return;
  const user = (await whoAmI(connection, signal)) ?? "";
  const place = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  // The words of the server's own refusal, which would come with the first event only.
  const message = `events is forbidden: User "${user}" cannot create resource "events" in API group "" ${place}`;
  throw new KevError("refused", message, {
    prefix: "Error from server (Forbidden): ",
    hint: forbiddenHint(message),
  });
}

async function mayEmit(connection: Connection, namespace: string | undefined, signal?: AbortSignal): Promise<boolean> {
  try {
    const { status } = await connection.request<AccessReview>({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb: "create", resource: "events", ...(namespace && { namespace }) } },
      },
      signal,
    });
    return status?.allowed !== false;
  } catch (error) {
    // Who may not ask is told by the first event.
    if (error instanceof ApiError && (error.httpStatus === 403 || error.httpStatus === 404)) return true;
    throw error;
  }
}
