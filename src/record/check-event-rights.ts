import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";
import { forbiddenHint } from "../kube/forbidden-hint.ts";
import { KevError } from "../util/errors.ts";
import { whoAmI } from "./who-am-i.ts";

export interface EventRights {
  readonly verbs: readonly ("create" | "get" | "list" | "patch")[];
  /** Undefined: in all namespaces. */
  readonly namespace: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface AccessReview {
  status?: { allowed?: boolean };
}

/**
 * Asks the server whether events may be written, by SelfSubjectAccessReviews, which everybody who is logged in may create: so
 * that a program that runs for days says at its start what it cannot do.
 *
 * @throws KevError (refused) for the first right that is missing, with the role that grants it as its hint
 */
export async function checkEventRights(connection: Connection, rights: EventRights): Promise<void> {
  const { verbs, namespace, signal } = rights;
  const answers = await Promise.all(verbs.map((verb) => isAllowed(connection, verb, rights)));
  const missing = verbs.find((_, index) => !answers[index]);
  if (missing === undefined) return;
  const user = (await whoAmI(connection, signal)) ?? "";
  const place = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  // The words of the server's own refusal, which would come with the first event only.
  const message = `events is forbidden: User "${user}" cannot ${missing} resource "events" in API group "" ${place}`;
  throw new KevError("refused", message, {
    prefix: "Error from server (Forbidden): ",
    hint: forbiddenHint(message),
  });
}

async function isAllowed(connection: Connection, verb: string, { namespace, signal }: EventRights): Promise<boolean> {
  try {
    const { status } = await connection.request<AccessReview>({
      method: "POST",
      path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: { resourceAttributes: { verb, resource: "events", ...(namespace && { namespace }) } },
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
