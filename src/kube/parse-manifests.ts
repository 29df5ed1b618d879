import { LineCounter, parseAllDocuments, type ScalarTag } from "yaml";
import { type KevError, usageError } from "../util/errors.ts";
import { isRecord } from "../util/is-record.ts";
import type { ManifestObject } from "./manifests.ts";

/**
 * The objects that one text names: YAML documents, or JSON objects one after another; lists are taken apart, empty
 * documents left out.
 *
 * @param source what errors and objects call the text: its path, or `STDIN`
 */
export async function parseManifests(text: string, source: string): Promise<ManifestObject[]> {
  const objects: ManifestObject[] = [];
  for (const part of splitJson(text)) {
    const lines = new LineCounter();
    const at: Locate = (offset) => `${source}:${part.line + lineOf(lines, offset)}`;
    // kubectl's parser takes a key that comes twice (the last one counts) and YAML 1.1's merge keys.
    const documents = parseAllDocuments(part.text, {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      merge: true,
      logLevel: "silent",
      customTags: (tags) => [oldBoolean, oldNumber, ...tags],
    });
    if (!Array.isArray(documents)) continue;
    for (const document of documents) {
      const [error] = document.errors;
      if (error) {
        const column = lines.linePos(error.pos[0]).col;
        throw usageError(`error parsing ${at(error.pos[0])}:${column}: ${error.message}`, { cause: error });
      }
      let value: unknown;
      try {
        value = document.toJS();
      } catch (cause) {
        const message = cause instanceof Error ? cause.message : String(cause);
        throw usageError(`error parsing ${at(offsetOf(document.contents))}: ${message}`, { cause });
      }
      if (value === null || value === undefined) continue;
      for (const object of objectsOf(value, document.contents, at)) objects.push(object);
    }
  }
  return objects;
}

// What sigs.k8s.io/yaml still reads as in YAML 1.1 and what could be a name of an object: kubectl takes it for none.
const oldBoolean: ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/,
  resolve: (text) => /^(?:y|on)/i.test(text),
};
const oldNumber: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^0b[01]+$/,
  resolve: (text) => Number(text),
};

/** The place of a character, as `app.yaml:12`. */
type Locate = (offset: number) => string;

interface Part {
  text: string;
  /** Lines before it. */
  line: number;
}

interface Token {
  brace: "{" | "}";
  index: number;
}

// Braces outside strings and comments. By hand: a regular expression overflows its stack in a string of some megabytes.
function* bracesOf(text: string): Generator<Token> {
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === "{" || character === "}") yield { brace: character, index };
    else if (character === '"') index = endOfString(text, index);
    else if (character === "#" && (index === 0 || /\s/.test(text[index - 1] ?? ""))) index = endOfLine(text, index);
  }
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '"') return index;
    if (text[index] === "\\") index++;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

// JSON objects may follow each other without a separator (`kubectl get -o json` twice), which YAML does not know.
function splitJson(text: string): Part[] {
  const parts: Part[] = [];
  let start = 0;
  let line = 0;
  let depth = 0;
  const push = (end: number): void => {
    const part = text.slice(start, end);
    if (part.trim() !== "") parts.push({ text: part, line });
    line += part.split("\n").length - 1;
    start = end;
  };
  for (const { brace, index } of bracesOf(text)) {
    // Only what begins with a brace, perhaps after comments, is JSON; the rest of the text is YAML as a whole.
    if (depth === 0 && (brace !== "{" || !isBlank(text.slice(start, index)))) break;
    if (brace === "{") depth++;
    else if (--depth === 0) push(index + 1);
  }
  push(text.length);
  return parts;
}

function isBlank(text: string): boolean {
  return text.split("\n").every((line) => /^(?:#|---$|$)/.test(line.trim()));
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

// Nodes of `yaml` are told by their shape, so that this needs no second name of the library.
function offsetOf(node: unknown): number {
  const range = isRecord(node) ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : 0;
}

function itemNodes(node: unknown): unknown[] {
  const pairs = isRecord(node) && Array.isArray(node.items) ? node.items : [];
  const pair: unknown = pairs.findLast((candidate) => isRecord(candidate?.key) && candidate.key.value === "items");
  const items = isRecord(pair) && isRecord(pair.value) ? pair.value.items : undefined;
  return Array.isArray(items) ? items : [];
}

function lineOf(lines: LineCounter, offset: number): number {
  return Math.max(lines.linePos(offset).line, 1);
}
