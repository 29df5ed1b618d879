import { recordOf } from "../util/is-record.ts";
import type { KubeObject } from "./event.ts";
import { templateDigest } from "./template-digest.ts";

/** Annotations of a decision about a release. */
export const decisionAnnotation = {
  digest: "kev.dev/template-digest",
  /** The digest without what `kubectl rollout restart` writes; only where it has written something. */
  restartlessDigest: "kev.dev/restartless-digest",
  images: "kev.dev/images",
  approver: "kev.dev/approver",
  expiresAt: "kev.dev/expires-at",
} as const;

/**
 * What a decision on `deployment` says beside its reason: which release it is about and who decided.
 *
 * @param decision `approver` is the writer's own user name as the server knows it; each is left out when undefined
 */
export function decisionAnnotations(
  deployment: KubeObject,
  { approver, expiresAt }: { approver?: string | undefined; expiresAt?: Date | undefined },
): Record<string, string> {
  const { template } = recordOf(deployment.spec);
  const { digest, restartlessDigest } = digestsOf(template);
  return {
    [decisionAnnotation.digest]: digest,
    ...(restartlessDigest !== digest && { [decisionAnnotation.restartlessDigest]: restartlessDigest }),
    [decisionAnnotation.images]: imagesOf(template),
    ...(approver !== undefined && { [decisionAnnotation.approver]: approver }),
    ...(expiresAt !== undefined && { [decisionAnnotation.expiresAt]: expiresAt.toISOString() }),
  };
}

/** What `kubectl rollout restart` sets on a pod template. */
const restartedAt = "kubectl.kubernetes.io/restartedAt";

/** The names of a pod template: all of it, and without the mark of a restart. */
export function digestsOf(template: unknown): { digest: string; restartlessDigest: string } {
  const digest = templateDigest(template);
  const { annotations } = recordOf(recordOf(template).metadata);
  const isRestarted = restartedAt in recordOf(annotations);
  return { digest, restartlessDigest: isRestarted ? templateDigest(template, [restartedAt]) : digest };
}

/** True for the text of a digest as {@link templateDigest} writes it. */
export function isDigest(text: string): boolean {
  return /^v1:sha256:[0-9a-f]{64}$/.test(text);
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
