import { parseDocument } from "yaml";
import { matchType } from "../../kube/match-type.ts";
import { resourceTable } from "../../kube/resource-table.ts";
import { usageError } from "../../util/errors.ts";
import { isRecord, recordOf } from "../../util/is-record.ts";
import { objectProblem } from "../config/object-problem.ts";
import type { ProbedObject } from "./probe-manifests.ts";

/** What a probe needs from its surroundings to go by a file. */
export interface ProbeFileNeeds {
  readonly objects: readonly ProbedObject[];
  /** Environment variables that `fromEnv` names. */
  readonly env: readonly string[];
  /** Files that `fromFile`, `caFile`, `certFile` and `keyFile` name. */
  readonly files: readonly string[];
  /** What of the text itself is secret, in words: `the header Authorization`. */
  readonly secrets: readonly string[];
  /** Custom types, `PLURAL.GROUP`, which are taken for types whose objects have a namespace. */
  readonly guessed: readonly string[];
}

/**
 * Reads it from the text alone: where manifests are made, the secrets that the file names are not there. Whether the file is
 * right is looked at only as far as the rights of the probe depend on it.
 *
 * @param path what errors call the file
 * @param namespace of objects that the file names without one
 * @throws usage error for what is no YAML map with targets, and for a type of object that cannot be told without a server
 */
export function probeFileNeeds(text: string, path: string, namespace: string): ProbeFileNeeds {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const [problem] = document.errors;
  if (problem) throw usageError(`${path}: ${problem.message}`);
  const file: unknown = document.toJS();
  const { defaults, targets } = recordOf(file);
  if (!isRecord(file) || !Array.isArray(targets) || targets.length === 0) {
    throw usageError(`${path}: a file of targets is a map with a list of targets`);
  }
  const base = { namespace, ...recordOf(defaults) };
  const objects = targets.map((entry: unknown) => objectOf({ ...base, ...recordOf(entry) }, path));
  const followed = new Set(objects.filter(({ isFollowed }) => isFollowed).map(keyOf));
  const unique = new Map(
    objects.map((object) => [keyOf(object), { ...object, isFollowed: followed.has(keyOf(object)) }]),
  );
  return {
    objects: [...unique.values()],
    env: textsOf(file, ["fromEnv"]),
    files: textsOf(file, ["fromFile", "caFile", "certFile", "keyFile"]),
    secrets: [...new Set([defaults, ...targets].flatMap((entry) => secretsOf(recordOf(entry))))],
    guessed: [
      ...new Set(objects.filter(({ isGuessed }) => isGuessed).map(({ plural, group }) => `${plural}.${group}`)),
    ],
  };
}

function objectOf(entry: Record<string, unknown>, path: string): ProbedObject & { isGuessed?: boolean } {
  const { on, url, namespace } = entry;
  if (typeof on !== "string") throw usageError(`${path}: a target has no "on": the object that its events are about`);
  const problem = objectProblem(on);
  if (problem !== undefined) throw usageError(`${path}: on ${problem}`);
  const [word = "", name = ""] = on.split("/");
  const isFollowed = url === undefined;
  const known = matchType(resourceTable, word);
  if (known) {
    const { group, plural, namespaced } = known;
    return { group, plural, name, namespace: namespaced ? String(namespace) : undefined, isFollowed };
  }
  // As kubectl takes it, a version may stand before the group.
  const [, plural, group] =
    /^([a-z0-9-]+)\.(?:v\d+(?:(?:alpha|beta)\d+)?\.)?([a-z0-9.-]+\.[a-z0-9.-]+)$/.exec(word) ?? [];
  if (plural === undefined || group === undefined) {
    throw usageError(`${path}: the type of ${on} is none of Kubernetes itself: write PLURAL.GROUP/NAME`);
  }
  return { group, plural, name, namespace: String(namespace), isFollowed, isGuessed: true };
}

const secretHeader = /^(authorization|proxy-authorization|cookie)$|token|secret|password|api-?key/i;

/** Of one entry, what is written out that others should not see. */
function secretsOf({ headers, url, proxy }: Record<string, unknown>): string[] {
  const named = Object.entries(recordOf(headers)).filter(([name, value]) => {
    return secretHeader.test(name) && typeof value === "string";
  });
  const withUser = Object.entries({ url, proxy }).filter(([, text]) => {
    return typeof text === "string" && /^([a-z][a-z0-9+.-]*:\/\/)?[^/?#]*@/i.test(text);
  });
  return [...named.map(([name]) => `the header ${name}`), ...withUser.map(([key]) => `the user in ${key}`)];
}

function keyOf({ group, plural, name, namespace = "" }: ProbedObject): string {
  return JSON.stringify([group, plural, namespace, name]);
}

/** The texts of all members of these names below, each once. */
function textsOf(value: unknown, wanted: readonly string[]): string[] {
  const entries: [string, unknown][] = Array.isArray(value)
    ? value.map((item: unknown) => ["", item])
    : Object.entries(recordOf(value));
  const found = entries.flatMap(([key, member]) => {
    return wanted.includes(key) && typeof member === "string" ? [member] : textsOf(member, wanted);
  });
  return [...new Set(found)];
}
