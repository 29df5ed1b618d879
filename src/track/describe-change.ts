import { byteLength, limits, truncateBytes } from "../events/limits.ts";
import { isRecord } from "../util/is-record.ts";
import type { FieldChange } from "./changes-of.ts";
import { pathText } from "./field-path.ts";
import { isHidden } from "./hidden-value.ts";
import { type Author, authorText } from "./who-changed.ts";

/** A change, and who made it; nobody: the server does not tell. */
export interface AuthoredChange extends FieldChange {
  readonly authors: readonly Author[];
}

/** Characters of a value that are shown. */
const longestValue = 64;

/**
 * What is said of an object that was made or changed, within the limit of a message:
 * `kubectl-set (Update) changed spec.replicas: 2 → 3; metadata.labels.tier: none → web`.
 *
 * @param creators who made the object, where it is new; what changed since stands behind
 */
export function describeChange(changes: readonly AuthoredChange[], creators?: readonly Author[]): string {
  const created = creators === undefined ? "" : `${authorsText(creators)} created it`;
  const groups = new Map<string, string[]>();
  for (const change of changes) {
    const who = authorsText(change.authors);
    groups.set(who, [...(groups.get(who) ?? []), changeText(change)]);
  }
  let text = created;
  let left = changes.length;
  for (const [who, texts] of groups) {
    let lead = `${text === "" ? "" : ". "}${who} changed `;
    for (const one of texts) {
      const longer = `${text}${lead}${one}`;
      // What is left out is counted, for which there must be room.
      if (byteLength(longer) > limits.message - byteLength(left > 1 ? rest(left - 1) : "")) {
        return truncateBytes(
          left === changes.length && text === created ? longer : `${text}${rest(left)}`,
          limits.message,
        );
      }
      text = longer;
      lead = "; ";
      left--;
    }
  }
  return truncateBytes(text, limits.message);
}

function rest(count: number): string {
  return `; and ${count} more`;
}

/** `kubectl-edit (Update) and helm (Apply)`. */
function authorsText(authors: readonly Author[]): string {
  const texts = [...new Set(authors.map(authorText))].sort();
  return texts.length === 0 ? "an unknown manager" : texts.join(" and ");
}

function changeText({ path, before, after, isReordered }: FieldChange): string {
  const name = pathText(path);
  if (isReordered) return `${name} (reordered)`;
  const [one, other] = [valueText(before), valueText(after)];
  if (one !== undefined && other !== undefined) {
    // Of two long values the beginnings may be the same.
    return one === other ? name : `${name}: ${one} → ${other}`;
  }
  if (before === undefined) return `${name} (added)`;
  return after === undefined ? `${name} (removed)` : name;
}

/** Undefined for what is not shown: hidden values, and maps. */
function valueText(value: unknown): string | undefined {
  if (value === undefined) return "none";
  if (isHidden(value) || isRecord(value)) return undefined;
  if (Array.isArray(value) && value.some(isRecord)) return `${value.length} ${value.length === 1 ? "item" : "items"}`;
  // In quotes where its ends, or what a terminal would make of it, could not be seen.
  const isPlain = typeof value === "string" && /^[^\s"'\p{C}]([^\p{C}]*[^\s\p{C}])?$/u.test(value) && value !== "none";
  return cut(isPlain ? value : JSON.stringify(value));
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length > longestValue ? `${characters.slice(0, longestValue - 1).join("")}…` : text;
}
