import { type KevError, usageError } from "../util/errors.ts";
import { isRecord } from "../util/is-record.ts";
import type { ManifestObject } from "./manifests.ts";
import { type Locate, offsetOf, parseDocuments } from "./parse-documents.ts";

/**
 * The objects that one text names: YAML documents, or JSON objects one after another; lists are taken apart, empty
 * documents left out.
 *
 * @param source what errors and objects call the text: its path, or `STDIN`
 */
export async function parseManifests(text: string, source: string): Promise<ManifestObject[]> {
  const objects: ManifestObject[] = [];
  for (const { value, contents, at } of parseDocuments(text, source)) {
    for (const object of objectsOf(value, contents, at)) objects.push(object);
  }
  return objects;
}

type Fields = Record<string, unknown>;

function objectsOf(value: unknown, node: unknown, at: Locate, list?: Fields): ManifestObject[] {
  const place = at(offsetOf(node));
  if (!isRecord(value)) throw usageError(`${place}: expected an object of Kubernetes, found ${JSON.stringify(value)}`);
  const { kind, apiVersion } = { ...impliedBy(list), ...value };
  if (typeof kind !== "string" || kind === "") throw usageError(`${place}: Object 'Kind' is missing`);
  if (typeof apiVersion !== "string" || apiVersion === "") throw usageError(`${place}: Object 'apiVersion' is missing`);
  // To kubectl, too, whatever has items is a list, and null is none.
  if (value.items === null) return [];
  if (Array.isArray(value.items)) {
    const nodes = itemNodes(node);
    return value.items.flatMap((item, index) => objectsOf(item, nodes[index] ?? node, at, value));
  }
  const metadata = isRecord(value.metadata) ? value.metadata : {};
  const { name, namespace } = metadata;
  if (name === undefined || name === null || name === "") throw noNameError(place, kind, metadata.generateName);
  checkText(place, "metadata.name", name);
  if (namespace === undefined || namespace === null || namespace === "") {
    return [{ apiVersion, kind, name, source: place }];
  }
  checkText(place, "metadata.namespace", namespace);
  return [{ apiVersion, kind, name, namespace, source: place }];
}

// The items of what the API sends as a list of one kind (PodList) do not say theirs.
function impliedBy(list: Fields | undefined): Fields {
  const kind = list?.kind;
  if (typeof kind !== "string" || !kind.endsWith("List") || kind === "List") return {};
  return { kind: kind.slice(0, -"List".length), apiVersion: list?.apiVersion };
}

function noNameError(place: string, kind: string, generateName: unknown): KevError {
  if (typeof generateName !== "string") {
    const missing = kind.endsWith("List") ? "neither items nor metadata.name" : "no metadata.name";
    return usageError(`${place}: ${kind} has ${missing}`);
  }
  return usageError(`${place}: ${kind} has metadata.generateName ${JSON.stringify(generateName)} and no name yet`, {
    hint: "the server makes up its name when it is created; name the object as TYPE/NAME",
  });
}

function checkText(place: string, field: string, value: unknown): asserts value is string {
  if (typeof value === "string") return;
  throw usageError(`${place}: ${field} must be a string, not ${JSON.stringify(value)}`, { hint: "put it in quotes" });
}

function itemNodes(node: unknown): unknown[] {
  const pairs = isRecord(node) && Array.isArray(node.items) ? node.items : [];
  const pair: unknown = pairs.findLast((candidate) => isRecord(candidate?.key) && candidate.key.value === "items");
  const items = isRecord(pair) && isRecord(pair.value) ? pair.value.items : undefined;
  return Array.isArray(items) ? items : [];
}
