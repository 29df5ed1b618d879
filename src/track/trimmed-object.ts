import type { KubeObject } from "../events/event.ts";
import { isRecord } from "../util/is-record.ts";
import type { FieldPath } from "./field-path.ts";
import { createHide } from "./hidden-value.ts";
import { isSensitive } from "./is-sensitive.ts";
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
      const item = path.at(-1);
      const isKey = typeof item === "object" && isListKey(name) && typeof member !== "object";
      if (!isVisible(below) && !isKey) continue;
      // It stands in the path already.
      const isSaid = isKey && item.item.includes(textOf(member));
      const kept = isSaid && !isSecret ? member : trimmed(below, member);
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

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
