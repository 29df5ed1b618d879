import type { FieldPath } from "./field-path.ts";
import { parsePathPattern } from "./path-pattern.ts";

/** Which changes count. */
export interface VisibilityOptions {
  /** Paths whose changes do not count, beside the usual noise. */
  readonly ignore?: readonly string[] | undefined;
  /** Paths whose changes alone count, noise among them. Default: all but the noise. */
  readonly only?: readonly string[] | undefined;
  /** Whether changes of `status` count. Default false. */
  readonly status?: boolean | undefined;
}

/** What an object is told apart by, what the server counts, and what repeats the rest of the object. */
const never: readonly string[] = [
  "apiVersion",
  "kind",
  ...[
    ...["name", "namespace", "uid", "resourceVersion", "generation", "selfLink", "managedFields", "creationTimestamp"],
    ...["deletionTimestamp", "deletionGracePeriodSeconds"],
  ].map((name) => `metadata.${name}`),
  "metadata.annotations[kubectl.kubernetes.io/last-applied-configuration]",
  "metadata.annotations[kev.dev/*]",
];

/** What controllers write beside their work. */
const noise: readonly string[] = [
  ...[
    "deployment.kubernetes.io/*",
    "deprecated.daemonset.template.generation",
    "control-plane.alpha.kubernetes.io/leader",
    "endpoints.kubernetes.io/last-change-trigger-time",
    "autoscaling.alpha.kubernetes.io/*",
    "batch.kubernetes.io/job-tracking",
  ].map((name) => `metadata.annotations[${name}]`),
  // Of a Lease: that its holder is alive. Who holds it is news.
  "spec.renewTime",
];

/** Says of a path whether its changes count. */
export type Visibility = (path: FieldPath) => boolean;

/** The options with all defaults in them, as text: what was kept under one is compared under another by both. */
export function visibilityText({ ignore = [], only = [], status = false }: VisibilityOptions): string {
  const usual = status ? noise : ["status", ...noise];
  return JSON.stringify({ never, ignore, ...(only.length > 0 ? { only } : { usual }) });
}

/** @throws usage error for what is no path */
export function createVisibility(text: string): Visibility {
  const texts = JSON.parse(text) as Record<"never" | "ignore" | "only" | "usual", string[] | undefined>;
  const out = [texts.never, texts.ignore, texts.usual].flatMap((some) => some ?? []).map(parsePathPattern);
  const only = texts.only?.map(parsePathPattern);
  return (path) => {
    if (out.some((pattern) => pattern.covers(path))) return false;
    return only === undefined || only.some((pattern) => pattern.covers(path) || pattern.leadsBelow(path));
  };
}
