import type { KubeObject, ObjectReference } from "../events/event.ts";
import { compareResourceVersions } from "../kube/list-watch/compare-resource-versions.ts";
import { changesOf, type FieldChange } from "./changes-of.ts";
import { type AuthoredChange, describeChange } from "./describe-change.ts";
import { pathText } from "./field-path.ts";
import type { Hide } from "./hidden-value.ts";
import type { ChangeGroup, KeptState, KnownObject } from "./track-store.ts";
import type { Visibility } from "./visibility.ts";
import { type Author, creatorsOf, entryTimes, managedEntries, whoChanged } from "./who-changed.ts";

/** What does not change from one object to the next. */
export interface ChangeRules {
  /** What is kept of an object, and the number of the visibility in it. */
  readonly keep: (object: KubeObject) => KeptState;
  /** As what is kept of the object is hidden. */
  readonly hide: (uid: string) => Hide;
  /** Of a number. */
  readonly visibility: (number: number) => Visibility;
  readonly referenceTo: (type: string, object: KubeObject) => ObjectReference;
  /** Whether what this manager changes is left out, where it did so alone. */
  readonly isIgnored: (manager: string) => boolean;
  /** Milliseconds in which changes of an object become one event. */
  readonly debounce: number;
}

/** An object as the server shows it. */
export interface SeenObject {
  readonly type: string;
  readonly object: KubeObject;
  /** Whether one write lies between this state and the one before; after a list there may be many. */
  readonly isOneWrite: boolean;
  /** Of one that was not known: whether it was made since, or was there before anybody looked. */
  readonly isNew: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What is known of the object from now on; undefined: nothing has changed that is worth remembering. */
export function takeChange(
  known: KnownObject | undefined,
  seen: SeenObject,
  rules: ChangeRules,
): KnownObject | undefined {
  const { type, object, now } = seen;
  const { uid = "", resourceVersion } = object.metadata;
  const reference = rules.referenceTo(type, object);
  const entries = managedEntries(object);
  const times = entryTimes(entries);
  const current = rules.keep(object);
  if (known === undefined) {
    const fresh = { type, uid, reference, base: current, times };
    if (!seen.isNew) return fresh;
    const creators = creatorsOf(entries);
    if (isLeftOut(creators, rules)) return fresh;
    const at = millisecondsOf(object.metadata.creationTimestamp) ?? now;
    return { ...fresh, group: { ...groupOf(seen, rules), at, creators, current, authors: {} } };
  }
  if (known.reference.resourceVersion === resourceVersion) return undefined;
  const order = compareResourceVersions(resourceVersion ?? "", known.reference.resourceVersion ?? "");
  const isOlder = order !== undefined && order < 0;
  // The newer one was asked for by name. A list that shows an older one is of a server that was set back.
  if (isOlder && seen.isOneWrite) return undefined;
  const { group, base } = known;
  const changes = visibleChanges(uid, group?.current ?? base, current, rules);
  const next = { ...known, reference, times };
  if (changes.length === 0) return isSame(known.times, times) && !isOlder ? undefined : next;
  const { authors, time } = whoChanged({ changes, times: known.times, entries, isOneWrite: seen.isOneWrite });
  // What others ignore is no change, and must not be told as somebody else's later.
  if (!group && [...authors.values()].every((some) => isLeftOut(some, rules))) return { ...next, base: current };
  return {
    ...next,
    group: {
      ...(group ?? groupOf(seen, rules)),
      at: millisecondsOf(time) ?? now,
      current,
      authors: { ...group?.authors, ...Object.fromEntries(authors) },
    },
  };
}

/** A group that is over: what is known from now on, and what is said of it; no message: it came to nothing. */
export function closeGroup(
  known: KnownObject,
  rules: ChangeRules,
): { known: KnownObject; message: string | undefined } {
  const { group, ...rest } = known;
  if (!group) return { known, message: undefined };
  const changes = visibleChanges(known.uid, known.base, group.current, rules).map((change): AuthoredChange => {
    return { ...change, authors: authorsAt(group, change) };
  });
  const told = changes.filter(({ authors }) => !isLeftOut(authors, rules));
  const isNews = told.length > 0 || group.creators !== undefined;
  return {
    known: { ...rest, base: group.current },
    message: isNews ? describeChange(told, group.creators) : undefined,
  };
}

/** What is changed at a path may have been told of below it, or above: an item that came, and then was changed. */
function authorsAt({ authors }: ChangeGroup, { path }: FieldChange): readonly Author[] {
  const text = pathText(path);
  const exact = authors[text];
  if (exact) return exact;
  const near = Object.entries(authors).filter(([other]) => isWithin(other, text) || isWithin(text, other));
  const found = new Map(near.flatMap(([, some]) => some).map((author) => [JSON.stringify(author), author]));
  return [...found.values()];
}

function isWithin(path: string, outer: string): boolean {
  return path.startsWith(outer) && /^[.[]/.test(path.slice(outer.length));
}

function visibleChanges(uid: string, one: KeptState, other: KeptState, rules: ChangeRules): FieldChange[] {
  const [before, after] = [rules.visibility(one.visibility), rules.visibility(other.visibility)];
  return changesOf(one.object, other.object, (path) => before(path) && after(path), rules.hide(uid));
}

function groupOf({ now }: SeenObject, { debounce }: ChangeRules): Pick<ChangeGroup, "dueAt" | "seenAt"> {
  return { seenAt: now, dueAt: now + debounce };
}

/** Nobody: it is not known who it was, so it is told. */
function isLeftOut(authors: readonly Author[], { isIgnored }: ChangeRules): boolean {
  return authors.length > 0 && authors.every(({ manager }) => isIgnored(manager));
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function millisecondsOf(time: string | undefined): number | undefined {
  const milliseconds = Date.parse(time ?? "");
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
