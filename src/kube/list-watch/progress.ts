import { createRecentMap } from "../../util/recent-map.ts";
import { compareResourceVersions } from "./compare-resource-versions.ts";
import type { ChangeStep, WatchedObject } from "./list-watch-step.ts";

/**
 * What the caller has been given so far, and with that what is new. Pure: no I/O, no clock.
 *
 * Everything up to the mark has been yielded. A list is in the order of names, so that the versions of its items are no
 * marks: while one is incomplete, what it has yielded is kept by uid.
 */
export interface Progress<T extends WatchedObject> {
  /** resourceVersion up to which nothing is missing; undefined: nothing is known yet. */
  readonly mark: string | undefined;
  /** A list begins, or begins again, at this version. */
  beginList(resourceVersion: string): void;
  /** What an item of the list means for the caller. */
  listed(item: T): ChangeStep<T>[];
  /** The list that was begun last is complete. */
  endList(): ChangeStep<T>[];
  watched(type: "ADDED" | "MODIFIED" | "DELETED", object: T): ChangeStep<T>[];
  bookmark(resourceVersion: string): void;
}

/** How many objects without comparable versions are remembered. */
const recentLimit = 4_096;

/** As in ListWatchOptions. */
export interface ProgressOptions {
  deletions: boolean | "watched";
  present: boolean;
}

/** @param from mark to start from */
export function createProgress<T extends WatchedObject>(
  from: string | undefined,
  options: ProgressOptions,
): Progress<T> {
  const deletions = options.deletions === true;
  let mark = from;
  let listVersion = "";
  /** uid → version, of what an incomplete list has yielded. */
  const partial = new Map<string, string>();
  /** Versions that cannot be compared, of objects seen lately. */
  const recent = createRecentMap<string, true>(recentLimit);
  /** namespace/name → the object, cut down; with deletions only. A collection has each name once. */
  const known = new Map<string, T>();
  let present = new Set<string>();

  function isNew(object: T): boolean {
    const { resourceVersion = "" } = object.metadata;
    const order = mark === undefined ? 1 : compareResourceVersions(resourceVersion, mark);
    if (compareResourceVersions(resourceVersion, "0") === undefined) {
      const state = `${uidOf(object)} ${resourceVersion}`;
      const isKnown = recent.get(state) ?? false;
      recent.set(state, true);
      if (isKnown) return false;
    }
    return order === undefined || order > 0;
  }

  function advance(resourceVersion: string): void {
    const order = mark === undefined ? undefined : compareResourceVersions(resourceVersion, mark);
    if (order === undefined || order > 0) mark = resourceVersion;
  }

  /** Another object of the same name took its place: it must have been deleted, and that comes first. */
  function replaced(object: T): ChangeStep<T>[] {
    const former = known.get(nameOf(object));
    return former && uidOf(former) !== uidOf(object) ? [{ type: "change", object: former, change: "deleted" }] : [];
  }

  return {
    get mark() {
      return mark;
    },
    beginList(resourceVersion) {
      listVersion = resourceVersion;
      present = new Set();
      // The server's store was set back to an older copy: versions are given out a second time, so nothing that is there
      // can be said to have been seen.
      if (mark !== undefined && (compareResourceVersions(resourceVersion, mark) ?? 0) < 0) mark = undefined;
    },
    listed(object) {
      const steps = deletions ? replaced(object) : [];
      if (deletions) present.add(nameOf(object));
      const { resourceVersion = "" } = object.metadata;
      if (partial.get(uidOf(object)) !== resourceVersion && isNew(object)) {
        partial.set(uidOf(object), resourceVersion);
        steps.push({ type: "change", object, change: "listed" });
      } else if (options.present) {
        steps.push({ type: "change", object, change: "present" });
      }
      if (deletions) known.set(nameOf(object), cutDown(object));
      return steps;
    },
    endList() {
      const gone = deletions ? [...known].filter(([name]) => !present.has(name)) : [];
      for (const [name] of gone) known.delete(name);
      partial.clear();
      present = new Set();
      advance(listVersion);
      return gone.map(([, object]) => ({ type: "change", object, change: "deleted" }));
    },
    watched(type, object) {
      const { resourceVersion = "" } = object.metadata;
      if (type === "DELETED") {
        const former = known.get(nameOf(object));
        const isKnown = former !== undefined && uidOf(former) === uidOf(object);
        // A known one that is said to be gone is gone, whatever version its last state had.
        const isNews = options.deletions !== false && (isNew(object) || isKnown);
        if (isKnown) known.delete(nameOf(object));
        advance(resourceVersion);
        return isNews ? [{ type: "change", object, change: "deleted" }] : [];
      }
      if (!isNew(object)) return [];
      advance(resourceVersion);
      const steps = deletions ? replaced(object) : [];
      if (deletions) known.set(nameOf(object), cutDown(object));
      steps.push({ type: "change", object, change: type === "ADDED" ? "added" : "modified" });
      return steps;
    },
    bookmark: advance,
  };
}

function nameOf({ metadata: { namespace = "", name = "" } }: WatchedObject): string {
  return `${namespace}/${name}`;
}

// Types that are no stored objects, such as measurements, have none.
function uidOf(object: WatchedObject): string {
  return object.metadata.uid ?? nameOf(object);
}

function cutDown<T extends WatchedObject>({ apiVersion, kind, metadata }: T): T {
  const { name, namespace, uid, resourceVersion } = metadata;
  const kept = Object.entries({ name, namespace, uid, resourceVersion }).filter(([, value]) => value !== undefined);
  return { apiVersion, kind, metadata: Object.fromEntries(kept) } as WatchedObject as T;
}
