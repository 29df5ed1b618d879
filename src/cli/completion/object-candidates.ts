import { matchType } from "../../kube/match-type.ts";
import { qualifiedName, type ResourceType } from "../../kube/resource-type.ts";
import type { ClusterSource } from "./cluster-source.ts";
import { type Candidate, plain } from "./reply.ts";

/** Where on a command line an OBJECT is to come. */
export interface ObjectPlace {
  /** The objects in front of it. */
  before: readonly string[];
  typed: string;
  /** The type of a bare NAME; undefined where a NAME needs its type. */
  defaultKind: string | undefined;
  /** With `-l` or `--all`: a TYPE, and no NAME. */
  isSelection: boolean;
}

/**
 * What may come as OBJECT: `TYPE/`, `TYPE/NAME`, a NAME behind its TYPE, or a NAME of the default kind; where nothing is typed
 * and there are such NAMEs, these alone.
 */
export async function objectCandidates(place: ObjectPlace, cluster: ClusterSource): Promise<Candidate[]> {
  const { before, typed, defaultKind, isSelection } = place;
  if (isSelection) return before.length > 0 ? [] : typeCandidates(await cluster.types(), typed);
  const slash = typed.indexOf("/");
  if (slash >= 0) return namesBehind(`${typed.slice(0, slash)}/`, before, cluster);
  const [first] = before;
  if (first === undefined) {
    const [types, names] = await Promise.all([cluster.types(), namesOf(defaultKind, cluster)]);
    // Sixty types would bury them.
    if (typed === "" && names.length > 0) return plain(names);
    return [...plain(names), ...typeCandidates(types, typed, "/")];
  }
  if (before.some((object) => object.includes("/"))) return typeCandidates(await cluster.types(), typed, "/");
  const types = await typesOf(first, cluster);
  const names = types.length > 0 ? await allNames(types, cluster) : await namesOf(defaultKind, cluster);
  return plain(names.filter((name) => !before.includes(name)));
}

/** Types by their plural, with their group where another type is meant without; and the one whose short name is typed. */
export function typeCandidates(types: readonly ResourceType[], typed: string, ending = ""): Candidate[] {
  return types.flatMap((type) => {
    const name = matchType(types, type.plural) === type ? type.plural : qualifiedName(type);
    const names =
      [type.singular, ...type.shortNames].includes(typed) && !name.startsWith(typed) ? [name, typed] : [name];
    const description = type.group === "" ? type.kind : `${type.kind} of ${type.group}`;
    return names.map((value) => ({ value: value + ending, description }));
  });
}

async function namesBehind(head: string, before: readonly string[], cluster: ClusterSource): Promise<Candidate[]> {
  const type = await cluster.type(head.slice(0, -1));
  if (type === undefined) return [];
  const names = (await cluster.names(type)).map((name) => `${head}${name}`);
  return plain(names.filter((name) => !before.includes(name)));
}

async function namesOf(kind: string | undefined, cluster: ClusterSource): Promise<string[]> {
  return kind === undefined ? [] : await allNames(await typesOf(kind, cluster), cluster);
}

/** Of `TYPE1,TYPE2`. */
async function typesOf(word: string, cluster: ClusterSource): Promise<ResourceType[]> {
  const types = await Promise.all(word.split(",").map((one) => cluster.type(one)));
  return types.filter((type) => type !== undefined);
}

async function allNames(types: readonly ResourceType[], cluster: ClusterSource): Promise<string[]> {
  return (await Promise.all(types.map((type) => cluster.names(type)))).flat();
}
