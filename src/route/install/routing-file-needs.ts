import { parseDocument } from "yaml";
import { usageError } from "../../util/errors.ts";
import { isRecord, recordOf } from "../../util/is-record.ts";

/** What a router needs from its surroundings to run a routing file. */
export interface RoutingFileNeeds {
  /** Whether a route, or the file itself, asks for the labels, annotations or owners of objects. */
  readonly objects: boolean;
  /** Environment variables that `fromEnv` names. */
  readonly env: readonly string[];
  /** Files that `fromFile` names. */
  readonly files: readonly string[];
}

/** What a rule may name of an object, that has to be read for it. */
const objectFields = /^(labels|annotations)(\.|$)|^owner$/;

/**
 * Reads it from the text alone: where manifests are made, the secrets that the file names are not there. Whether the file is
 * right is not looked at; `kev route check` does that.
 *
 * @param path what errors call the file
 * @throws usage error for what is no YAML map
 */
export function routingFileNeeds(text: string, path: string): RoutingFileNeeds {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const [problem] = document.errors;
  if (problem) throw usageError(`${path}: ${problem.message}`);
  const file: unknown = document.toJS();
  if (!isRecord(file)) throw usageError(`${path}: a routing file is a map with routes and sinks`);
  const routeKeys = keysBelow(file.routes);
  return {
    objects: recordOf(file.objects).read === true || routeKeys.some((key) => objectFields.test(key)),
    env: textsOf(file.sinks, "fromEnv"),
    files: textsOf(file.sinks, "fromFile"),
  };
}

function keysBelow(value: unknown): string[] {
  return members(value).flatMap(([key, member]) => [key, ...keysBelow(member)]);
}

/** The texts of all `{ KEY: TEXT }` below, each once. */
function textsOf(value: unknown, wanted: string): string[] {
  const found = members(value).flatMap(([key, member]) => {
    return key === wanted && typeof member === "string" ? [member] : textsOf(member, wanted);
  });
  return [...new Set(found)];
}

function members(value: unknown): [string, unknown][] {
  if (Array.isArray(value)) return value.map((item: unknown) => ["", item]);
  return isRecord(value) ? Object.entries(value) : [];
}
