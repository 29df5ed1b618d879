import type { KubeObject } from "../events/event.ts";
import { isRecord } from "../util/is-record.ts";
import type { FieldPath } from "./field-path.ts";
import { createHide } from "./hidden-value.ts";
import { isListKey, itemNamer } from "./list-keys.ts";
import type { Visibility } from "./visibility.ts";

export interface TrimOptions {
  readonly isVisible: Visibility;
  /** Whether a value that is usually named only by its path is shown; those of Secrets are not asked about. */
  readonly isShown: (path: FieldPath) => boolean;
  /** Of the hashes. */
  readonly hashKey: string;
}

/** Characters of a text that is kept. */
const longestKept = 256;
/** Of an annotation: what is longer, or looks like JSON, is for programs, and may hold anything. */
const longestAnnotation = 64;

/** What is kept of an object to tell what changes in it: the paths that count, and only those values that may be shown. */
export function trimObject(object: KubeObject, { isVisible, isShown, hashKey }: TrimOptions): Record<string, unknown> {
  const isSecret = object.kind === "Secret" && object.apiVersion === "v1";
  const { uid = "" } = object.metadata;
  const hidden = createHide(hashKey, uid);

  function trimmed(path: FieldPath, value: unknown): unknown {
    if (value === null || value === undefined) return undefined;
    if (isRecord(value)) return trimmedMembers(path, value);
    if (Array.isArray(value) && value.some(isRecord)) return trimmedItems(path, value);
    if (isSecret ? !isOpenInSecret(path) : isSensitive(path, value) && !isShown(path)) return hidden(path, value);
    return textOf(value).length > longestKept ? hidden(path, value) : value;
  }

  function trimmedMembers(path: FieldPath, value: Record<string, unknown>): unknown {
    const members: [string, unknown][] = [];
    for (const [name, member] of Object.entries(value)) {
      const below = [...path, name];
      // What names an item is kept, or none of the item could be told.
      const isKey = typeof path.at(-1) === "object" && isListKey(name) && typeof member !== "object";
      if (!isVisible(below) && !isKey) continue;
      const kept = trimmed(below, member);
      if (kept !== undefined) members.push([name, kept]);
    }
    // Nothing of it counts, so whether it is there does not count, either.
    if (members.length === 0 && Object.keys(value).length > 0) return undefined;
    return Object.fromEntries(members);
  }

  function trimmedItems(path: FieldPath, list: readonly unknown[]): unknown {
    const namer = itemNamer([list]);
    return list.map((of, index) => {
      const item = namer && isRecord(of) ? namer(of) : String(index);
      return trimmed([...path, { item, of }], of) ?? {};
    });
  }

  return (trimmed([], object) ?? {}) as Record<string, unknown>;
}

/** Of a Secret only these are shown: annotations may repeat it. */
function isOpenInSecret([first, second]: FieldPath): boolean {
  return first === "type" || first === "immutable" || (first === "metadata" && second === "labels");
}

const secretName = /pass(word|wd|phrase)|token|secret|credential|api[-_]?key|private[-_]?key|access[-_]?key/i;
/** `secretName`, `tokenSecretRef`, `tokenExpirationSeconds`: about a secret, and not one. */
const aboutSecret = /(name|names|ref|refs|namespace|seconds|class|type|mode)$/i;

/** True for what may hold a secret: it is named, and not shown. */
function isSensitive(path: FieldPath, value: unknown): boolean {
  const [last, before, list] = [path.at(-1), path.at(-2), path.at(-3)];
  const [first, second] = path;
  if (first === "data" || first === "binaryData" || first === "stringData") return true;
  if (last === "value" && typeof before === "object" && list === "env") return true;
  if (last === "args" || last === "command") return true;
  const text = textOf(value);
  if (
    first === "metadata" &&
    second === "annotations" &&
    (text.length > longestAnnotation || /^\s*[[{]|\n/.test(text))
  ) {
    return true;
  }
  if (/:\/\/[^/?#\s]*@/.test(text)) return true;
  return typeof last === "string" && secretName.test(last) && !aboutSecret.test(last) && typeof value !== "boolean";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
