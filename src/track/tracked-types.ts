import type { TypeResolver } from "../kube/resolve-type.ts";
import { apiVersionOf, qualifiedName, type ResourceType } from "../kube/resource-type.ts";
import { KevError, usageError } from "../util/errors.ts";

/** A type whose objects are tracked. */
export interface TrackedType {
  /** As it is listed and watched. */
  readonly type: ResourceType;
  /** In which events name its objects: the server's preferred one. */
  readonly apiVersion: string;
  /** `deployments.apps`. */
  readonly name: string;
}

/**
 * The types of `TYPE…` as kubectl takes them: plurals, singulars, kinds, short names, `TYPE.GROUP`, categories, commas
 * between them.
 *
 * @throws usage error for events and for words that are no types; what the resolver throws
 */
export async function resolveTrackedTypes(
  words: readonly string[],
  resolver: Pick<TypeResolver, "resolveAll" | "preferred">,
): Promise<TrackedType[]> {
  const found = new Map<string, TrackedType>();
  for (const word of checkTypeWords(words)) {
    for (const type of await typesOf(word, resolver)) {
      if (isEvent(type)) throw eventsError();
      const name = qualifiedName(type);
      if (!found.has(name)) found.set(name, { type, apiVersion: apiVersionOf(await resolver.preferred(type)), name });
    }
  }
  return [...found.values()];
}

/** The single words of `TYPE…`. @throws usage error for what is certainly no type */
export function checkTypeWords(words: readonly string[]): string[] {
  if (words.length === 0) throw usageError("no TYPE is given", { hint: "like kev track deployments configmaps" });
  return words.flatMap((word) => {
    if (word.includes("/")) {
      throw usageError(`"${word}" names one object; kev track takes types`, { hint });
    }
    const types = word.split(",");
    if (types.includes("")) throw usageError(`a resource type is missing in ${JSON.stringify(word)}`);
    return types;
  });
}

const hint = "-l selects objects of a type by their labels";

async function typesOf(word: string, resolver: Pick<TypeResolver, "resolveAll">): Promise<ResourceType[]> {
  try {
    return await resolver.resolveAll(word);
  } catch (error) {
    if (error instanceof KevError && error.kind === "not-found" && error.hint) {
      error.hint = `${error.hint}\nkev track takes types; ${hint}`;
    }
    throw error;
  }
}

export function isEvent({ group, plural }: Pick<ResourceType, "group" | "plural">): boolean {
  return plural === "events" && (group === "" || group === "events.k8s.io");
}

/** What is said where events are to be tracked. */
export function eventsError(): KevError {
  return usageError("events are not tracked: each that kev writes would be a change of its own", {
    hint: "kev events -w follows them, kev route sends them on",
  });
}
