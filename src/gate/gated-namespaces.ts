import type { StreamingConnection } from "../kube/connect.ts";
import { listWatch } from "../kube/list-watch/list-watch.ts";
import type { FailedStep } from "../kube/list-watch/list-watch-step.ts";
import { objectPath } from "../kube/object-path.ts";
import { builtInType } from "../kube/resource-table.ts";
import type { Clock } from "../util/clock.ts";

export interface GatedNamespacesOptions {
  /** `KEY=VALUE`, the label that the webhook selects namespaces by. */
  label: string;
  /** Never gated, beside {@link systemNamespaces}. */
  excluded?: readonly string[] | undefined;
  clock?: Clock | undefined;
  onAdded?: ((namespace: string) => void) | undefined;
  onRemoved?: ((namespace: string) => void) | undefined;
  onFailed?: ((step: FailedStep) => void) | undefined;
}

export interface GatedNamespaces {
  has(namespace: string): boolean;
  all(): string[];
  /** Follows them until the signal aborts. Needs list and watch on namespaces. */
  run(signal: AbortSignal): Promise<void>;
}

/** Those of the cluster itself, which are not gated whatever their labels. */
export const systemNamespaces: readonly string[] = ["kube-system", "kube-node-lease"];

/** The namespaces whose releases need approval, as they get their label and lose it. */
export function createGatedNamespaces(
  connection: StreamingConnection,
  { label, excluded = [], clock, onAdded, onRemoved, onFailed }: GatedNamespacesOptions,
): GatedNamespaces {
  const isExcluded = (name: string): boolean => systemNamespaces.includes(name) || excluded.includes(name);
  const names = new Set<string>();
  return {
    has: (namespace) => names.has(namespace),
    all: () => [...names],
    run: async (signal) => {
      const path = objectPath(builtInType("", "namespaces"), undefined);
      for await (const step of listWatch(connection, { path, labelSelector: label, deletions: true, signal, clock })) {
        if (step.type === "failed") onFailed?.(step);
        if (step.type !== "change") continue;
        const { name = "" } = step.object.metadata;
        if (step.change === "deleted") {
          if (names.delete(name)) onRemoved?.(name);
        } else if (!names.has(name) && !isExcluded(name)) {
          names.add(name);
          onAdded?.(name);
        }
      }
    },
  };
}
