import type { KubeObject } from "./event.ts";
import { templateDigest } from "./template-digest.ts";

/** Annotations of a decision about a release. */
export const decisionAnnotation = {
  digest: "kev.dev/template-digest",
  images: "kev.dev/images",
  approver: "kev.dev/approver",
  expiresAt: "kev.dev/expires-at",
} as const;

/**
 * What a decision on `deployment` says beside its reason: which release it is about and who decided.
 *
 * @param approver the writer's own user name as the server knows it; left out when undefined
 */
export function decisionAnnotations(deployment: KubeObject, approver: string | undefined): Record<string, string> {
  const template = (deployment.spec as { template?: unknown } | undefined)?.template;
  return {
    [decisionAnnotation.digest]: templateDigest(template),
    [decisionAnnotation.images]: imagesOf(template),
    ...(approver !== undefined && { [decisionAnnotation.approver]: approver }),
  };
}

/** The images of a pod template as `container=image`, init containers first, joined by commas. */
export function imagesOf(template: unknown): string {
  const spec = (template as { spec?: PodImages } | undefined)?.spec;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
    .map(({ name, image }) => `${name}=${image ?? ""}`)
    .join(",");
}

interface PodImages {
  initContainers?: { name: string; image?: string }[];
  containers?: { name: string; image?: string }[];
}
