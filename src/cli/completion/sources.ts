import type { Preset } from "../../events/presets.ts";
import type { Context } from "../context.ts";
import type { GlobalFlags } from "../global-flags.ts";
import type { ClusterSource } from "./cluster-source.ts";

/** Names in the kubeconfig. */
export interface KubeconfigNames {
  contexts: readonly { name: string; cluster: string }[];
  clusters: readonly string[];
  users: readonly string[];
}

/**
 * Where candidates come from, each asked only when it is needed and none ever failing: what cannot be had is empty. The kubeconfig
 * and the cluster are those of the flags on the line.
 */
export interface Sources {
  presets(): Promise<readonly Preset[]>;
  kubeconfig(): Promise<KubeconfigNames>;
  cluster(): Promise<ClusterSource>;
  sinks(): Promise<readonly { type: string; summary: string }[]>;
  /** Lets go of the cluster, if it was asked. */
  close(): void;
}

/** The sources of one command line; `signal` ends all waiting. */
export function createSources(flags: GlobalFlags, context: Context, signal: AbortSignal): Sources {
  let cluster: Promise<ClusterSource> | undefined;
  return {
    // What is wrong with a config file is said when the command runs.
    presets: async () => (await import("../load-presets.ts")).usablePresets(flags.config, context),
    async kubeconfig() {
      const { loadKubeconfig } = await import("../../kube/load-kubeconfig.ts");
      try {
        const { env, homeDir } = context;
        const { kubeconfig } = await loadKubeconfig({ explicit: flags.kubeconfig, env, homeDir });
        return {
          contexts: [...kubeconfig.contexts].map(([name, { cluster }]) => ({ name, cluster })),
          clusters: [...kubeconfig.clusters.keys()],
          users: [...kubeconfig.users.keys()],
        };
      } catch {
        return { contexts: [], clusters: [], users: [] };
      }
    },
    cluster: () => {
      cluster ??= import("./cluster-source.ts").then((source) => source.createClusterSource(flags, context, signal));
      return cluster;
    },
    sinks: async () => (await import("../../sinks/registry.ts")).sinkTypes,
    close: () => void cluster?.then((source) => source.close()),
  };
}
