import type { KubeObject } from "../events/event.ts";
import { KevError, usageError } from "../util/errors.ts";
import { mapConcurrent } from "../util/map-concurrent.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./connection.ts";
import { explainNotFound } from "./explain-not-found.ts";
import { guessedNameError } from "./guessed-name-error.ts";
import type { ManifestObject } from "./manifests.ts";
import { type ObjectArguments, parseObjectArguments } from "./object-arguments.ts";
import { type Extent, isUnserved, readCollection, readObject } from "./read-objects.ts";
import type { TypeResolver } from "./resolve-type.ts";
import { qualifiedName, type ResourceType } from "./resource-type.ts";

export interface ObjectQuery extends ObjectArguments {
  /** Where names and selectors are looked up, and manifests that name no namespace. Cluster-scoped types ignore it. */
  namespace: string;
  /** Selectors look in all namespaces; names are refused, as kubectl refuses them. */
  allNamespaces?: boolean | undefined;
  /** True when the namespace was asked for by flag: manifests that name another are an error. */
  namespaceEnforced?: boolean | undefined;
  /** How much of the objects of a type the caller reads: `metadata` costs the server and the wire far less. */
  need: (type: ResourceType) => Extent;
  /** What relative paths in `files` are relative to. */
  cwd: string;
  readStdin?: (() => Promise<string>) | undefined;
  /** The command whose errors these are; default `emit`. */
  command?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** An object that is there. */
export interface FoundObject {
  /** In the version that the server prefers, which a reference to the object should name. */
  type: ResourceType;
  /** As the server sent it, in the version it was asked for in; of `metadata` only apiVersion, kind and metadata. */
  object: KubeObject;
}

/** An object, or a collection, that could not be read. */
export interface FailedObject {
  /** `deployments.apps "x"`; of a collection `deployments.apps`. */
  target: string;
  error: KevError;
}

const concurrency = 8;

/**
 * Looks up what object arguments name: names by GET, eight at a time; selectors by LIST in pages; `-f` by the apiVersion
 * and kind of each manifest. Results stand in the order of the arguments, each object once. An object that cannot be read
 * is a value among the others. Needs get on the objects, list where there is a selector.
 *
 * Throws what leaves nothing to go on with: usage errors, an unknown TYPE, a selector that selects nothing (`not-found`), an
 * abort, the 404 of the first of several bare words (it may be a TYPE with a slip in it), and the first failure when all
 * objects failed because the server was not reached or refused the login.
 */
export async function findObjects(
  connection: Connection,
  resolver: TypeResolver,
  query: ObjectQuery,
): Promise<(FoundObject | FailedObject)[]> {
  const { steps, guessed } = await planOf(resolver, query);
  const plan = unique(steps);
  const results: (FoundObject | FailedObject)[] = [];
  for await (const found of mapConcurrent(plan, concurrency, async (step) =>
    "error" in step ? [step] : await look(connection, resolver, query, step),
  )) {
    results.push(...found);
  }
  const [first] = results;
  if (first === undefined) throw noneFound(plan, query);
  if (guessed !== undefined && "error" in first) {
    throw await guessedNameError(resolver, guessed, first.error);
  }
  if ("error" in first && results.every((result) => "error" in result && concernsAll(result.error))) throw first.error;
  return results;
}

/** One request to come: an object, or without a name a collection. */
interface Lookup {
  type: ResourceType;
  /** Undefined: all namespaces. */
  namespace: string | undefined;
  name?: string;
  selector?: string | undefined;
  /** Finds the type once more, after the resolver was refreshed. */
  resolve: () => Promise<ResourceType>;
}

interface Plan {
  steps: (Lookup | FailedObject)[];
  /** See {@link ObjectSelection}. */
  guessed?: string | undefined;
}

async function planOf(resolver: TypeResolver, query: ObjectQuery): Promise<Plan> {
  const selection = await parseObjectArguments(query, resolver.isType);
  switch (selection.by) {
    case "file": {
      // Only commands with -f pay for loading the YAML library.
      const { readManifests } = await import("./manifests.ts");
      return { steps: await planManifests(resolver, query, await readManifests(selection.files, query)) };
    }
    case "selector":
      return { steps: await planCollections(resolver, query, selection.types, selection.selector) };
    case "name":
      return { steps: await planNames(resolver, query, selection.targets), guessed: selection.guessed };
  }
}

async function planNames(
  resolver: TypeResolver,
  { namespace, allNamespaces }: ObjectQuery,
  targets: { type: string; name: string }[],
): Promise<Lookup[]> {
  const plan: Lookup[] = [];
  for (const { type: word, name } of targets) {
    const resolve = (): Promise<ResourceType> => resolver.resolve(word);
    const type = await resolve();
    if (type.namespaced && allNamespaces) {
      throw usageError("a resource cannot be retrieved by name across all namespaces");
    }
    plan.push({ type, namespace, name, resolve });
  }
  return plan;
}

async function planCollections(
  resolver: TypeResolver,
  { namespace, allNamespaces }: ObjectQuery,
  words: string[],
  selector: string | undefined,
): Promise<Lookup[]> {
  const plan: Lookup[] = [];
  for (const word of words) {
    for (const type of await resolver.resolveAll(word)) {
      const resolve = (): Promise<ResourceType> => resolver.resolve(qualifiedName(type));
      plan.push({ type, namespace: allNamespaces ? undefined : namespace, selector, resolve });
    }
  }
  return plan;
}

async function planManifests(
  resolver: TypeResolver,
  query: ObjectQuery,
  manifests: ManifestObject[],
): Promise<(Lookup | FailedObject)[]> {
  const plan: (Lookup | FailedObject)[] = [];
  for (const manifest of manifests) {
    const { apiVersion, kind, name } = manifest;
    const resolve = (): Promise<ResourceType> => resolver.resolveKind(apiVersion, kind);
    try {
      const type = await resolve();
      plan.push({ type, namespace: namespaceOf(type, manifest, query), name, resolve });
    } catch (error) {
      if (!(error instanceof KevError) || error instanceof ApiError || error.kind !== "not-found") throw error;
      plan.push({ target: `${kind} ${JSON.stringify(name)}`, error: noMappingError(manifest, error) });
    }
  }
  return plan;
}

// cli-runtime v0.36.1, resource/visitor.go, RequireNamespace; the text is kubectl's, full stop included.
function namespaceOf(type: ResourceType, manifest: ManifestObject, query: ObjectQuery): string {
  const { namespace = query.namespace } = manifest;
  if (type.namespaced && query.namespaceEnforced && namespace !== query.namespace) {
    throw usageError(
      `the namespace from the provided object ${JSON.stringify(namespace)} does not match the namespace ` +
        `${JSON.stringify(query.namespace)}. You must pass '--namespace=${namespace}' to perform this operation.`,
      { hint: `the object is ${manifest.kind} ${JSON.stringify(manifest.name)} in ${manifest.source}` },
    );
  }
  return namespace;
}

// cli-runtime v0.36.1, resource/mapper.go.
function noMappingError({ name, namespace = "", source }: ManifestObject, cause: KevError): KevError {
  const [quotedName, quotedNamespace, quotedSource] = [name, namespace, source].map((text) => JSON.stringify(text));
  return new KevError(
    "not-found",
    `resource mapping not found for name: ${quotedName} namespace: ${quotedNamespace} from ${quotedSource}: ${cause.message}`,
    { hint: cause.hint, cause },
  );
}

/** The plan without what was asked for before: `a a`, or one object in two files, is one object. */
function unique(plan: (Lookup | FailedObject)[]): (Lookup | FailedObject)[] {
  const seen = new Set<string>();
  return plan.filter((step) => {
    if ("error" in step) return true;
    const { type, name, namespace } = step;
    const id = JSON.stringify([qualifiedName(type), type.namespaced ? namespace : undefined, name]);
    return !seen.has(id) && seen.add(id);
  });
}

async function look(
  connection: Connection,
  resolver: TypeResolver,
  query: ObjectQuery,
  lookup: Lookup,
): Promise<(FoundObject | FailedObject)[]> {
  try {
    const { type, objects } = await readServed(connection, resolver, query, lookup);
    const preferred = await resolver.preferred(type);
    return objects.map((object) => ({ type: preferred, object }));
  } catch (error) {
    if (query.signal?.aborted || !(error instanceof KevError) || error.kind === "usage") throw error;
    const { type, namespace, name } = lookup;
    if (name === undefined) return [{ target: qualifiedName(type), error }];
    const target = `${qualifiedName(type)} ${JSON.stringify(name)}`;
    const isMissing = error instanceof ApiError && error.httpStatus === 404;
    return [{ target, error: isMissing ? await explainNotFound(connection, error, { type, namespace, name }) : error }];
  }
}

// An older or newer server than the built-in table knows may serve the type in another version only.
async function readServed(
  connection: Connection,
  resolver: TypeResolver,
  query: ObjectQuery,
  lookup: Lookup,
): Promise<{ type: ResourceType; objects: KubeObject[] }> {
  const { name, namespace, selector } = lookup;
  const read = async (type: ResourceType): Promise<KubeObject[]> => {
    const target = { type, namespace, extent: query.need(type), signal: query.signal };
    return name === undefined
      ? await readCollection(connection, target, selector)
      : [await readObject(connection, target, name)];
  };
  try {
    return { type: lookup.type, objects: await read(lookup.type) };
  } catch (error) {
    if (!isUnserved(error)) throw error;
    resolver.refresh();
    const type = await lookup.resolve().catch((failure: unknown) => {
      // Without discovery it is no API server, or not at this path; what was asked for first says so best.
      throw isUnserved(failure) ? error : failure;
    });
    const { group, version, plural } = lookup.type;
    if (type.group === group && type.version === version && type.plural === plural) throw error;
    return { type, objects: await read(type) };
  }
}

/** Says nothing about the one object, but that no other will be read either. */
function concernsAll(error: KevError): boolean {
  return error.kind === "unreachable" || (error instanceof ApiError && error.httpStatus === 401);
}

// kubectl get's texts: kubectl v0.36.1, cmd/get/get.go.
function noneFound(plan: (Lookup | FailedObject)[], { namespace, allNamespaces }: ObjectQuery): KevError {
  const inOneNamespace = !allNamespaces && plan.every((step) => "type" in step && step.type.namespaced);
  const text = inOneNamespace ? `No resources found in ${namespace} namespace.` : "No resources found";
  return new KevError("not-found", text, { prefix: "" });
}
