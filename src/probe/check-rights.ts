import type { Connection } from "../kube/connection.ts";
import { forbiddenHint } from "../kube/forbidden-hint.ts";
import { whoAmI } from "../record/who-am-i.ts";
import { KevError } from "../util/errors.ts";

/** What a probe needs on events: to write them, to count them up, and to read what an earlier run has written. */
const verbs = ["create", "get", "patch", "list"] as const;

interface AccessReview {
  status?: { allowed?: boolean };
}

/**
 * Asks the server whether events may be written in a namespace, before there is one to write. RBAC: create on
 * selfsubjectaccessreviews.authorization.k8s.io, which `system:basic-user` grants to everybody logged in.
 *
 * @throws KevError (refused) for the first right that is missing
 */
export async function checkRights(connection: Connection, namespace: string, signal?: AbortSignal): Promise<void> {
  const answers = await Promise.all(
    verbs.map(async (verb) => {
      const review = await connection.request<AccessReview>({
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: { namespace, verb, resource: "events" } },
        },
        signal,
      });
      return { verb, isAllowed: review.status?.allowed === true };
    }),
  );
  const missing = answers.find(({ isAllowed }) => !isAllowed);
  if (missing === undefined) return;
  const user = (await whoAmI(connection, signal)) ?? "you";
  // In the words of the refusal that would come.
  const text = `User "${user}" cannot ${missing.verb} resource "events" in API group "" in the namespace "${namespace}"`;
  throw new KevError("refused", `outages could not be written: ${text}`, { hint: forbiddenHint(text) });
}
