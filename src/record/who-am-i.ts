import { ApiError } from "../kube/api-error.ts";
import type { Connection } from "../kube/connection.ts";

interface SelfSubjectReview {
  status?: { userInfo?: { username?: string } };
}

/**
 * The caller's own user name as the server knows it (after impersonation), by a SelfSubjectReview.
 * RBAC: create on selfsubjectreviews.authentication.k8s.io, which `system:basic-user` grants to everybody logged in.
 *
 * @returns undefined where the server has no such API (before Kubernetes 1.28) or refuses it
 */
export async function whoAmI(connection: Connection, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const review = await connection.request<SelfSubjectReview>({
      method: "POST",
      path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
      body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
      signal,
    });
    return review.status?.userInfo?.username;
  } catch (error) {
    if (error instanceof ApiError && (error.httpStatus === 404 || error.httpStatus === 403)) return undefined;
    throw error;
  }
}
