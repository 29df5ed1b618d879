import type { StreamingConnection } from "../../kube/connect.ts";
import { fetchDiscovery } from "../../kube/discovery.ts";
import { cacheFolder, createDiscoveryCache } from "../../kube/discovery-cache.ts";
import { matchType } from "../../kube/match-type.ts";
import { mapCollection, readObject } from "../../kube/read-objects.ts";
import { builtInType, resourceTable } from "../../kube/resource-table.ts";
import type { ResourceType } from "../../kube/resource-type.ts";
import { recordOf } from "../../util/is-record.ts";
import type { Context } from "../context.ts";
import { connectOptions, type GlobalFlags } from "../global-flags.ts";

/** What the cluster tells. Nothing of it fails: when it cannot be had in time, what has come by then is all there is. */
export interface ClusterSource {
  /** The types whose objects can be read. */
  types(): Promise<readonly ResourceType[]>;
  /** The type of a TYPE argument. */
  type(word: string): Promise<ResourceType | undefined>;
  /** Names of the objects of a type, in the namespace of the command line. */
  names(type: ResourceType): Promise<string[]>;
  namespaces(): Promise<string[]>;
  /** The reasons of the events in the namespace of the command line. */
  reasons(): Promise<string[]>;
  /** The containers of a Pod. */
  containers(pod: string): Promise<string[]>;
  close(): void;
}

/** The cluster that the flags mean. Each thing is asked for once, and nothing is tried again. */
export async function createClusterSource(
  flags: GlobalFlags & { allNamespaces?: boolean },
  context: Context,
  signal: AbortSignal,
): Promise<ClusterSource> {
  const connection = await connectQuietly(flags, context, signal).catch(() => undefined);
  return connection === undefined ? withoutCluster : behind(connection, flags, context, signal);
}

function behind(
  connection: StreamingConnection,
  flags: GlobalFlags & { allNamespaces?: boolean },
  context: Context,
  signal: AbortSignal,
): ClusterSource {
  const namespace = flags.allNamespaces ? undefined : connection.namespace;

  /** What has come when the time is over is kept. */
  async function collected(type: ResourceType, extent: "metadata" | "whole", textOf: (object: object) => unknown) {
    const found = new Set<string>();
    await mapCollection(connection, { type, namespace, extent, signal }, undefined, (object) => {
      const text = textOf(object);
      if (typeof text === "string") found.add(text);
    }).catch(() => undefined);
    return [...found];
  }
  const names = (type: ResourceType): Promise<string[]> =>
    collected(type, "metadata", (object) => recordOf(recordOf(object).metadata).name);

  const cacheDir = cacheFolder(flags.cacheDir, context.env, context.homeDir);
  const types = once(async () => readable(await discovered(connection, cacheDir, context, signal)));

  return {
    types,
    type: async (word) => matchType(resourceTable, word) ?? matchType(await types(), word),
    names,
    namespaces: () => names(builtInType("", "namespaces")),
    reasons: () => collected(builtInType("", "events"), "whole", (object) => recordOf(object).reason),
    containers: async (name) => {
      const target = {
        type: builtInType("", "pods"),
        namespace: connection.namespace,
        extent: "whole",
        signal,
      } as const;
      const pod = await readObject(connection, target, name).catch(() => ({}));
      return containersOf(recordOf(recordOf(pod).spec));
    },
    close: () => connection.close(),
  };
}

/** Says nothing, whatever a credential plug-in or the server have to say, and asks nobody. */
function connectQuietly(flags: GlobalFlags, { connect, env, homeDir }: Context, signal: AbortSignal) {
  const silent = { stdinIsTTY: false, onPluginOutput: () => undefined };
  return connect({ ...connectOptions(flags), ...silent, env, homeDir, signal });
}

const withoutCluster: ClusterSource = {
  types: async () => readable(resourceTable),
  type: async (word) => matchType(resourceTable, word),
  names: async () => [],
  namespaces: async () => [],
  reasons: async () => [],
  containers: async () => [],
  close: () => undefined,
};

/** From the cache that all commands share, else from the server; without either, the types of Kubernetes itself. */
async function discovered(
  connection: StreamingConnection,
  cacheDir: string,
  { clock }: Context,
  signal: AbortSignal,
): Promise<readonly ResourceType[]> {
  const cache = createDiscoveryCache(cacheDir, connection.server, clock);
  const kept = await cache.read();
  if (kept !== undefined) return kept.types;
  try {
    const discovery = await fetchDiscovery(connection, signal);
    await cache.write(discovery);
    return discovery.types;
  } catch {
    return resourceTable;
  }
}

function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => (loaded ??= load());
}

/**
 * One version of each type whose objects are kept. Reviews and Bindings can only be created, and metrics are numbers
 * about objects of the same names.
 */
function readable(types: readonly ResourceType[]): ResourceType[] {
  const byName = new Map<string, ResourceType>();
  for (const type of types) {
    const name = `${type.plural}.${type.group}`;
    const isKept = !/Review$|^Binding$/.test(type.kind) && !/(^|\.)metrics\.k8s\.io$/.test(type.group);
    if (isKept && !byName.has(name)) byName.set(name, type);
  }
  return [...byName.values()];
}

function containersOf(spec: Readonly<Record<string, unknown>>): string[] {
  return [spec.containers, spec.initContainers, spec.ephemeralContainers]
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .flatMap((container) => {
      const { name } = recordOf(container);
      return typeof name === "string" ? [name] : [];
    });
}
