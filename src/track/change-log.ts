import { buildEvent } from "../events/build-event.ts";
import type { KubeEvent, KubeObject } from "../events/event.ts";
import { eventName } from "../events/event-name.ts";
import { compareResourceVersions } from "../kube/list-watch/compare-resource-versions.ts";
import type { Clock } from "../util/clock.ts";
import { createId } from "../util/create-id.ts";
import { createRecentMap } from "../util/recent-map.ts";
import { type ChangeRules, closeGroup, takeChange } from "./take-change.ts";
import type { ChangeVerb, TrackObserver } from "./track-observer.ts";
import type { DueTimes, KnownObject, OutboxEntry, TrackChange, TrackState, TrackStore } from "./track-store.ts";
import { createTypePositions } from "./type-positions.ts";

/** A step of the server's objects of one type, in the order in which they are to be stored. */
export type TrackStep =
  | { readonly type: "object"; readonly object: KubeObject; readonly change: "listed" | "present" | "watched" }
  /**
   * It went from what is tracked, and asked for by name it was back. `mark`: resourceVersion up to which everything is taken
   * in with it; undefined: a list that is not over has told it.
   */
  | {
      readonly type: "object";
      readonly object: KubeObject;
      readonly change: "found";
      readonly mark: string | undefined;
    }
  | { readonly type: "deleted"; readonly object: KubeObject; readonly mark: string | undefined }
  /** It is there, but no longer among those that are tracked: what has changed with that is told, and then it is forgotten. */
  | { readonly type: "left"; readonly object: KubeObject; readonly mark: string | undefined }
  /**
   * Everything was listed. Of objects, `listed`: new, or changed since the last list; `present`: as it was then; `watched`: a
   * watch shows it.
   */
  | { readonly type: "synced"; readonly resourceVersion: string };

export interface ChangeLogOptions {
  /** Waits for what may pass, such as a full disk: nothing goes on that is not stored. */
  readonly store: TrackStore;
  readonly rules: ChangeRules;
  /** What becomes an event. */
  readonly verbs: ReadonlySet<ChangeVerb>;
  /** Who the events are from. */
  readonly component: string;
  readonly instance: string;
  /**
   * Whether an object that nobody knew was made since it was looked at last, and did not only come into what is tracked.
   * `since`: when that was, for what a list shows.
   */
  readonly isMade: (object: KubeObject, since: number | undefined) => boolean;
  readonly followedAt: TrackState["followedAt"];
  readonly marks: Readonly<Record<string, string>>;
  readonly lastSequence: number;
  readonly clock: Pick<Clock, "now">;
  readonly observer: Pick<TrackObserver, "found">;
}

/** Turns steps of the server into what is known, and into events that are to be written. All of it is in the store. */
export interface ChangeLog {
  take(type: string, steps: readonly TrackStep[]): Promise<void>;
  /** Makes the groups that are due then into events; returns when the next one is due. */
  closeDue(times: DueTimes): Promise<number | undefined>;
  /** Stores how far each type is, where that has moved without any change. */
  save(how: SaveOptions): Promise<void>;
  /** Objects of this type that are known and were not in the list that is under way, some at a time. */
  missing(type: string): AsyncGenerator<readonly KnownObject[], void>;
}

export interface SaveOptions {
  /** Types that are followed without a gap at this moment. Default: none is known to be. */
  readonly followed?: readonly string[];
  /** Whether it is the last time. Default false. */
  readonly isEnd?: boolean;
}

/** Known objects looked through at a time. */
const pageSize = 500;
/** Uids of objects that have left, as many as are remembered; of others what the object says of itself must do. */
const rememberedLeft = 10_000;
/** Groups closed at a time. */
const closedAtOnce = 200;

const reasons: Readonly<Record<ChangeVerb, string>> = {
  created: "ObjectCreated",
  changed: "ObjectChanged",
  deleted: "ObjectDeleted",
};

export function createChangeLog(options: ChangeLogOptions): ChangeLog {
  const { store, rules, verbs, clock, observer } = options;
  let { lastSequence } = options;
  const positions = createTypePositions(options);
  /** Type → uids that the list under way has shown. */
  const listed = new Map<string, Set<string>>();
  /** Of what has left the selection lately: uid → the version up to which it is told. When it comes back it is not new. */
  const left = createRecentMap<string, string>(rememberedLeft);
  /** One after the other, whoever asks: what is read is still so when it is written. */
  let last: Promise<unknown> = Promise.resolve();

  function alone<T>(run: () => Promise<T>): Promise<T> {
    const result = last.then(run);
    last = result.catch(() => undefined);
    return result;
  }

  /** What one change of the store is gathered in. */
  function gathering() {
    const known = new Map<string, KnownObject | undefined>();
    const queued: OutboxEntry[] = [];
    const found: [string, ChangeVerb][] = [];
    const event = (object: KnownObject, verb: ChangeVerb, message: string, at: number, seenAt: number): void => {
      if (!verbs.has(verb)) return;
      queued.push({ sequence: ++lastSequence, seenAt, event: eventAbout(object, verb, message, at) });
      found.push([object.type, verb]);
    };
    return {
      known,
      event,
      close(object: KnownObject): void {
        const closed = closeGroup(object, rules);
        known.set(object.uid, closed.known);
        const { group } = object;
        if (!group || closed.message === undefined) return;
        event(object, group.creators ? "created" : "changed", closed.message, group.at, group.seenAt);
      },
      /** @param isUrgent whether how far the type is must be stored at once */
      async commit(type?: string, mark?: string, isUrgent = false): Promise<void> {
        const kept = [...known.values()].filter((object) => object !== undefined);
        const forgotten = [...known].flatMap(([uid, object]) => (object || type === undefined ? [] : [{ type, uid }]));
        if (type !== undefined && mark !== undefined) positions.move(type, mark, clock.now().getTime());
        if (kept.length + forgotten.length + queued.length === 0 && !isUrgent) return;
        await commit({ known: kept, forgotten, queued });
        for (const [of, verb] of found) observer.found(of, verb);
      },
    };
  }

  function commit(change: TrackChange): Promise<void> {
    return positions.store((where) => store.commit({ ...change, ...where }));
  }

  function eventAbout(object: KnownObject, verb: ChangeVerb, message: string, at: number): KubeEvent {
    const { component, instance } = options;
    return buildEvent(
      { reason: reasons[verb], type: "Normal", message, component, instance },
      {
        name: eventName(object.reference.name ?? "", createId()),
        involvedObject: object.reference,
        at: new Date(at),
      },
    );
  }

  async function takeAll(type: string, steps: readonly TrackStep[]): Promise<void> {
    const now = clock.now().getTime();
    const gathered = gathering();
    let mark: string | undefined;
    const since = positions.followedAt(type);
    const isFirstList = !positions.isBegun(type);
    for (const step of steps) {
      if (step.type === "synced") {
        mark = step.resourceVersion;
        listed.delete(type);
        continue;
      }
      const { object } = step;
      const { uid = "", resourceVersion } = object.metadata;
      const known = gathered.known.has(uid) ? gathered.known.get(uid) : await store.known(type, uid);
      if (step.type === "object") {
        const isOneWrite = step.change === "watched";
        if (isOneWrite) mark = resourceVersion;
        else if (step.change === "found") mark = step.mark ?? mark;
        else listed.set(type, (listed.get(type) ?? new Set<string>()).add(uid));
        const leftAt = left.get(uid);
        // It came back, and went again: that was told with its first leaving.
        if (isOneWrite && leftAt !== undefined && isUpTo(resourceVersion, leftAt)) continue;
        const mayBeNew = isOneWrite || step.change === "listed";
        const isUnknown = !isFirstList && mayBeNew && leftAt === undefined;
        const isNew = isUnknown && verbs.has("created") && options.isMade(object, isOneWrite ? undefined : since);
        const next = takeChange(known, { type, object, isOneWrite, isNew, now }, rules);
        if (next) gathered.known.set(uid, next);
        continue;
      }
      if (step.type === "left") {
        left.set(uid, resourceVersion ?? "");
        const next =
          known && (takeChange(known, { type, object, isOneWrite: false, isNew: false, now }, rules) ?? known);
        if (next) gathered.close(next);
      } else if (known) {
        if (known.group) gathered.close(known);
        gathered.event(
          { ...known, reference: { ...known.reference, ...(resourceVersion !== undefined && { resourceVersion }) } },
          "deleted",
          "It was deleted; by whom, the API server does not say",
          now,
          now,
        );
      }
      if (known) gathered.known.set(uid, undefined);
      mark = step.mark ?? mark;
    }
    // What is made after the first list is new, also to a run that begins before anything else has changed.
    await gathered.commit(
      type,
      mark,
      steps.some((step) => step.type === "synced"),
    );
  }

  return {
    take: (type, steps) => alone(() => takeAll(type, steps)),
    closeDue: (times) =>
      alone(async () => {
        for (;;) {
          const due = await store.due(times, closedAtOnce);
          if (due.length === 0) break;
          const gathered = gathering();
          for (const object of due) gathered.close(object);
          await gathered.commit();
        }
        return (await store.groups()).firstDueAt;
      }),
    save: ({ followed = [], isEnd = false }) =>
      alone(async () => {
        positions.follow(followed, clock.now().getTime());
        if (positions.isStale(isEnd)) await commit({});
      }),
    missing: async function* (type) {
      for (let after = ""; ; ) {
        const page = await alone(() => store.uidsAfter(type, after, pageSize));
        const gone = await alone(async () => {
          const shown = listed.get(type);
          const known = await Promise.all(page.filter((uid) => !shown?.has(uid)).map((uid) => store.known(type, uid)));
          return known.filter((object) => object !== undefined);
        });
        if (gone.length > 0) yield gone;
        const end = page.at(-1);
        if (end === undefined || page.length < pageSize) return;
        after = end;
      }
    },
  };
}

/** True for a version that is not newer; versions that cannot be compared never are. */
function isUpTo(version: string | undefined, other: string): boolean {
  const order = compareResourceVersions(version ?? "", other);
  return order !== undefined && order <= 0;
}
