import type { KubeObject } from "../events/event.ts";
import { isRecord, recordOf } from "../util/is-record.ts";
import type { FieldChange } from "./changes-of.ts";
import { type FieldPath, pathText } from "./field-path.ts";

/** Who writes to an object, as the server's managedFields call it. */
export interface Author {
  readonly manager: string;
  /** `Update`, or `Apply` for server-side apply. */
  readonly operation: string;
  /** `scale`, `status`; undefined: the object itself was written. */
  readonly subresource?: string | undefined;
}

/** An entry of managedFields. */
export interface ManagedEntry extends Author {
  /** When the manager last set something: RFC 3339, whole seconds. */
  readonly time: string;
  /** The paths that it set last, nested: `f:NAME`, `k:{KEYS}` for an item of a list. */
  readonly fields: unknown;
}

export function managedEntries({ metadata: { managedFields = [] } }: KubeObject): ManagedEntry[] {
  return managedFields.filter(isRecord).map(({ manager, operation, subresource, time, fieldsV1 }) => ({
    manager: textOf(manager),
    operation: textOf(operation),
    ...(subresource ? { subresource: textOf(subresource) } : {}),
    time: textOf(time),
    fields: fieldsV1,
  }));
}

/** Entry → when it was last written; what has to be remembered of managedFields to tell who wrote since. */
export type EntryTimes = Readonly<Record<string, string>>;

/** Entries about status change with it, and say nothing of the rest. */
export function entryTimes(entries: readonly ManagedEntry[]): EntryTimes {
  return Object.fromEntries(
    entries.filter(({ subresource }) => subresource !== "status").map((entry) => [entryKey(entry), entry.time]),
  );
}

/** Who made each change. */
export interface Authorship {
  /** Path → who. Nobody: the server does not tell, as of a removal by Update, which leaves no trace. */
  readonly authors: ReadonlyMap<string, readonly Author[]>;
  /** When the newest of them wrote: RFC 3339; undefined: the server does not tell. */
  readonly time: string | undefined;
}

export interface ChangeToAttribute {
  readonly changes: readonly FieldChange[];
  /** Of the state before. */
  readonly times: EntryTimes;
  /** Of the state after. */
  readonly entries: readonly ManagedEntry[];
  /** Whether one write lies between the states, as a watch shows them; after a list there may be many. */
  readonly isOneWrite: boolean;
}

/**
 * Who made these changes. What was set belongs, in the state after, to who has set it last: whoever changes a value
 * takes it over. What was removed belongs to nobody any more: where one write has done all of it, to who made that.
 */
export function whoChanged({ changes, times, entries, isOneWrite }: ChangeToAttribute): Authorship {
  const found = changes.map(({ path, after }) => (after === undefined ? [] : ownersOf(entries, path)));
  const written = entries.filter((entry) => entry.subresource !== "status" && times[entryKey(entry)] !== entry.time);
  const setters = [...new Set(found.flat())];
  const rest = !isOneWrite ? [] : setters.length === 1 ? setters : written.length === 1 ? written : [];
  const credited = found.map((owners) => (owners.length > 0 ? owners : rest));
  const newest = credited.flat().reduce<string | undefined>((time, entry) => later(time, entry.time), undefined);
  return {
    authors: new Map(changes.map(({ path }, at) => [pathText(path), (credited[at] ?? []).map(authorOf)])),
    time: newest,
  };
}

/** Who has made an object, which nobody else has written to yet. */
export function creatorsOf(entries: readonly ManagedEntry[]): Author[] {
  return entries.filter(({ subresource }) => subresource !== "status").map(authorOf);
}

/** `kubectl-set (Update)`, `kube-controller-manager (Update of scale)`. */
export function authorText({ manager, operation, subresource }: Author): string {
  return `${manager} (${operation}${subresource === undefined ? "" : ` of ${subresource}`})`;
}

function authorOf({ manager, operation, subresource }: Author): Author {
  return { manager, operation, ...(subresource !== undefined && { subresource }) };
}

function entryKey({ manager, operation, subresource = "" }: Author): string {
  return JSON.stringify([manager, operation, subresource]);
}

/** Who has set what is at the path. */
function ownersOf(entries: readonly ManagedEntry[], path: FieldPath): ManagedEntry[] {
  const depths = entries.map(({ fields }) => depthOf(fields, path));
  const exact = entries.filter((_entry, at) => depths[at] === path.length);
  if (exact.length > 0) return exact;
  // What is set as a whole, a list of words or an atomic map, is named as a whole. So is a map of which only that it is there
  // was set by somebody: that counts where nobody has set what is in it.
  const deepest = Math.max(...depths);
  return deepest > 0 ? entries.filter((_entry, at) => depths[at] === deepest) : [];
}

/** How many segments of the path are among the fields; 0 where it leads to none, or to one that is divided otherwise. */
function depthOf(fields: unknown, path: FieldPath): number {
  let node = recordOf(fields);
  for (const [depth, segment] of path.entries()) {
    if (Object.keys(node).length === 0) return depth;
    const key = typeof segment === "string" ? `f:${segment}` : itemKey(node, segment.of, segment.item);
    const next = key === undefined ? undefined : node[key];
    if (!isRecord(next)) return 0;
    node = next;
  }
  return path.length;
}

function itemKey(node: Record<string, unknown>, item: unknown, name: string): string | undefined {
  const wanted = recordOf(item);
  return Object.keys(node).find((key) => {
    if (key === `i:${name}`) return true;
    if (!key.startsWith("k:")) return false;
    try {
      return Object.entries(recordOf(JSON.parse(key.slice(2)))).every(([field, value]) => {
        // A default that the server fills in may be missing in what was kept.
        return wanted[field] === value;
      });
    } catch {
      return false;
    }
  });
}

function later(one: string | undefined, other: string): string | undefined {
  return other !== "" && (one === undefined || other > one) ? other : one;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
