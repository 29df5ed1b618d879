import { isRecord, recordOf } from "../util/is-record.ts";
import type { FieldPath } from "./field-path.ts";
import { type Hide, isHidden } from "./hidden-value.ts";
import { itemNamer } from "./list-keys.ts";
import type { Visibility } from "./visibility.ts";

/** One difference between two states of an object. */
export interface FieldChange {
  readonly path: FieldPath;
  /** Undefined: it was not there. */
  readonly before: unknown;
  /** Undefined: it is not there any more. */
  readonly after: unknown;
  /** The items are the same, and stand in another order. */
  readonly isReordered?: true;
}

/**
 * What differs between two trimmed objects, deep down: members that were added or removed one by one, items of lists as a
 * whole. Items are compared by what names them; those of a list without names by their place, where as many are there.
 *
 * @param hide as the hidden values among them were: what is shown in one and hidden in the other is compared hidden
 */
export function changesOf(
  before: unknown,
  after: unknown,
  isVisible: Visibility = () => true,
  hide: Hide = () => ({ "\u0000": "" }),
): FieldChange[] {
  const changes: FieldChange[] = [];

  function compare(path: FieldPath, one: unknown, other: unknown): void {
    if (isBranch(one, other)) {
      // An item that came or went is one change, however much is in it; so is an empty map.
      const isWhole = one === undefined || other === undefined;
      if (isWhole && (typeof path.at(-1) === "object" || Object.keys(one ?? other ?? {}).length === 0))
        leaf(path, one, other);
      else compareMembers(path, recordOf(one), recordOf(other));
    } else if (isObjectList(one) || isObjectList(other)) {
      if (isList(one) && isList(other)) compareItems(path, one ?? [], other ?? []);
      else leaf(path, one, other);
    } else if (!isSame(hiddenLike(path, one, other), hiddenLike(path, other, one))) {
      leaf(path, one, other);
    }
  }

  function hiddenLike(path: FieldPath, value: unknown, other: unknown): unknown {
    return isHidden(other) && !isHidden(value) && value !== undefined ? hide(path, value) : value;
  }

  function leaf(path: FieldPath, one: unknown, other: unknown, isReordered?: true): void {
    if (isVisible(path)) changes.push({ path, before: one, after: other, ...(isReordered && { isReordered }) });
  }

  function compareMembers(path: FieldPath, one: Record<string, unknown>, other: Record<string, unknown>): void {
    for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
      compare([...path, name], ownMember(one, name), ownMember(other, name));
    }
  }

  function compareItems(path: FieldPath, one: readonly unknown[], other: readonly unknown[]): void {
    const namer = itemNamer([one, other]);
    if (namer === undefined) {
      if (one.length !== other.length) leaf(path, one, other);
      else for (const [at, of] of other.entries()) compare([...path, { item: String(at), of }], one[at], of);
      return;
    }
    const named = (list: readonly unknown[]) => new Map(list.filter(isRecord).map((item) => [namer(item), item]));
    const [old, now] = [named(one), named(other)];
    for (const [item, of] of now) compare([...path, { item, of }], old.get(item), of);
    for (const [item, of] of old) if (!now.has(item)) compare([...path, { item, of }], of, undefined);
    const stayed = [...old.keys()].filter((item) => now.has(item));
    const order = [...now.keys()].filter((item) => old.has(item));
    if (stayed.some((item, at) => item !== order[at])) leaf(path, one, other, true);
  }

  compare([], before, after);
  return changes;
}

function isBranch(one: unknown, other: unknown): one is Record<string, unknown> | undefined {
  const isMap = (value: unknown): boolean => isRecord(value) && !isHidden(value);
  return (isMap(one) && (isMap(other) || other === undefined)) || (one === undefined && isMap(other));
}

function isObjectList(value: unknown): boolean {
  return Array.isArray(value) && value.some(isRecord);
}

function isList(value: unknown): value is readonly unknown[] | undefined {
  return value === undefined || Array.isArray(value);
}

function ownMember(map: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

/** Of values without maps in them but hidden ones. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
