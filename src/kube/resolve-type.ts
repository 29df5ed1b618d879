import type { Clock } from "../util/clock.ts";
import { KevError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import type { Connection } from "./connection.ts";
import { type Discovery, fetchDiscovery } from "./discovery.ts";
import { createDiscoveryCache } from "./discovery-cache.ts";
import { matchType, mayBeTypeOf, resourceOf, typesOfCategory } from "./match-type.ts";
import { resourceTable } from "./resource-table.ts";
import { apiVersionOf, qualifiedName, type ResourceType } from "./resource-type.ts";

export interface TypeResolverOptions {
  clock: Clock;
  /** kubectl's cache folder ({@link cacheFolder}); without it nothing is kept on disk. */
  cacheDir?: string | undefined;
  signal?: AbortSignal | undefined;
  /** What resolvers of this server have learnt, for all of them that it is given to. Default: each asks for itself. */
  known?: KnownTypes | undefined;
}

/** What is known of the types that one server serves. */
export interface KnownTypes {
  /** Those that need no question. */
  trusted: readonly ResourceType[];
  /** What an earlier run has kept on disk. */
  stored?: Promise<Discovery | undefined> | undefined;
  fetched?: Promise<Discovery> | undefined;
}

/** Before the server was asked. */
export function noKnownTypes(): KnownTypes {
  return { trusted: resourceTable };
}

/**
 * Tells what a TYPE argument or a manifest's kind means on one server. The types of Kubernetes itself need no request;
 * others need discovery ({@link fetchDiscovery}), kept for six hours on disk and asked for anew, once, when a type is
 * not in it.
 *
 * All throw what discovery throws.
 */
export interface TypeResolver {
  /**
   * The type of `TYPE`, `TYPE.GROUP` or `TYPE.VERSION.GROUP` by kubectl's rules ({@link matchType}), in the version asked
   * for, else the preferred one. Throws a `not-found` KevError with kubectl's text, and the nearest types as hint.
   *
   * A custom type whose plural or singular is a short name of Kubernetes itself (`po`) needs `TYPE.GROUP`.
   */
  resolve(argument: string): Promise<ResourceType>;
  /** As {@link resolve}, and of a category (`all`) all types, in their preferred versions. */
  resolveAll(argument: string): Promise<ResourceType[]>;
  /**
   * True when {@link resolve} finds a type. Throws a `not-found` KevError when that cannot be known, since the server
   * could not list all of its types.
   */
  isType(argument: string): Promise<boolean>;
  /** The types that have nearly this name, at most three, as `deployments.apps`. */
  nearestTypes(word: string): Promise<string[]>;
  /** The type of a manifest, in the manifest's version. Throws a `not-found` KevError with kubectl's text. */
  resolveKind(apiVersion: string, kind: string): Promise<ResourceType>;
  /** The same type in the version that the server prefers: what `kubectl events --for` looks for in involvedObject. */
  preferred(type: ResourceType): Promise<ResourceType>;
  /**
   * Says that the server does not serve a type as resolved (it is older or newer than the built-in table, or the cached
   * discovery is out of date): from now on only what it says itself counts, asked for anew at most once.
   */
  refresh(): void;
}

/**
 * A resolver for the server behind `connection`; nothing is read or sent before it is needed. It asks the server at most
 * once, so a program that runs for days makes a new one, with nothing known, when it may have to learn of new types.
 */
export function createTypeResolver(connection: Connection, options: TypeResolverOptions): TypeResolver {
  const { cacheDir, clock, signal, known = noKnownTypes() } = options;
  const cache = () => (cacheDir === undefined ? undefined : createDiscoveryCache(cacheDir, connection.server, clock));

  const fetchNow = (): Promise<Discovery> => {
    known.fetched ??= fetchDiscovery(connection, signal).then(
      async (discovery) => {
        await cache()?.write(discovery);
        return discovery;
      },
      (error: unknown) => {
        known.fetched = undefined;
        throw error;
      },
    );
    return known.fetched;
  };

  const readStored = async (): Promise<Discovery | undefined> => {
    known.stored ??= cache()?.read() ?? Promise.resolve(undefined);
    return await known.stored;
  };

  const search = async <T>(match: Match<T>): Promise<Search<T>> => {
    const found = match(known.trusted);
    return found === undefined ? await searchServer(match) : { found };
  };

  /** Where `match` finds nothing, what the server serves comes back, for the error. */
  const searchServer = async <T>(match: Match<T>): Promise<Search<T>> => {
    const old = known.fetched ? undefined : await readStored();
    const cached = old && match(old.types);
    if (cached !== undefined) return { found: cached };
    const discovery = await fetchNow();
    return { found: match(discovery.types), discovery };
  };

  const resolve = async (argument: string): Promise<ResourceType> => {
    const { found, discovery } = await search((types) => matchType(types, argument));
    return found ?? throwNoType(argument, discovery);
  };

  return {
    resolve,
    resolveAll: async (argument) => {
      // Not before the table: a name of both kinds is a type to kubectl, too, and `all` is none.
      const { found, discovery } = await search((types) => {
        const type = matchType(types, argument);
        if (type) return [type];
        // The table knows only a part of a category.
        const members = types === resourceTable ? [] : typesOfCategory(types, argument);
        return members.length > 0 ? members : undefined;
      });
      return found ?? throwNoType(argument, discovery);
    },
    isType: async (argument) => {
      const { found, discovery } = await search((types) => matchType(types, argument));
      if (found === undefined) throwIfUnknowable(argument, discovery);
      return found !== undefined;
    },
    nearestTypes: async (word) => {
      const { types } = await fetchNow();
      return nearestTypes(word, types);
    },
    resolveKind: async (apiVersion, kind) => {
      const { found, discovery } = await search((types) =>
        types.find((type) => type.kind === kind && apiVersionOf(type) === apiVersion),
      );
      return found ?? throwNoKind(apiVersion, kind, discovery);
    },
    preferred: async (type) => {
      const isSame = (other: ResourceType): boolean => other.group === type.group && other.plural === type.plural;
      // A version that the table has not was found by discovery: of that server, only discovery knows the preferred one.
      if (known.trusted.some((other) => isSame(other) && other.version === type.version)) return type;
      const { found } = await searchServer((types) => types.find(isSame));
      return found ?? type;
    },
    refresh: () => {
      known.trusted = [];
      known.stored = Promise.resolve(undefined);
    },
  };
}

type Match<T> = (types: readonly ResourceType[]) => T | undefined;

interface Search<T> {
  found: T | undefined;
  discovery?: Discovery;
}

// kubectl's texts: cli-runtime v0.36.1, resource/builder.go (mappingFor), and apimachinery's NoKindMatchError.
function throwNoType(argument: string, discovery: Discovery | undefined): never {
  const message = `the server doesn't have a resource type ${JSON.stringify(resourceOf(argument))}`;
  const near = nearestTypes(argument, discovery?.types ?? []);
  const hints = [...(near.length > 0 ? [`the nearest types are ${near.join(", ")}`] : []), ...failedHint(discovery)];
  throw new KevError("not-found", message, { hint: hints.join("\n") || "kubectl api-resources lists the types" });
}

function throwIfUnknowable(argument: string, discovery: Discovery | undefined): void {
  const failed = discovery?.failed.filter((groupVersion) => mayBeTypeOf(groupVersion, argument)) ?? [];
  if (failed.length === 0) return;
  const message = `${JSON.stringify(argument)} may be a type or a name: the server could not list the types of ${failed.join(", ")}`;
  throw new KevError("not-found", message, { hint: "write TYPE/NAME; kubectl get apiservices says what is wrong" });
}

function throwNoKind(apiVersion: string, kind: string, discovery: Discovery | undefined): never {
  const message = `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`;
  const others = (discovery?.types ?? []).filter((type) => type.kind === kind).map(apiVersionOf);
  const other = others.length > 0 ? [`the server has ${kind} in ${others.join(", ")}`] : [];
  const hints = [...other, ...failedHint(discovery)];
  throw new KevError("not-found", message, { hint: hints.join("\n") || "ensure CRDs are installed first" });
}

function failedHint(discovery: Discovery | undefined): string[] {
  if (!discovery || discovery.failed.length === 0) return [];
  return [`the server could not list the types of ${discovery.failed.join(", ")}; see kubectl get apiservices`];
}

function nearestTypes(argument: string, types: readonly ResourceType[]): string[] {
  const names = new Map<string, string>();
  for (const type of types) {
    for (const name of [type.plural, type.singular, ...type.shortNames]) {
      if (!names.has(name)) names.set(name, qualifiedName(type));
    }
  }
  return [...new Set(nearest(resourceOf(argument), names.keys(), 9).map((name) => names.get(name) ?? name))].slice(
    0,
    3,
  );
}
