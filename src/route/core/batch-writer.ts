import { compareResourceVersions } from "../../kube/list-watch/compare-resource-versions.ts";
import type { Cluster, Delivery } from "../../sinks/delivery.ts";
import { deliveryJson } from "../../sinks/delivery-json.ts";
import type { Clock } from "../../util/clock.ts";
import { mapConcurrent } from "../../util/map-concurrent.ts";
import { orAborted } from "../../util/or-aborted.ts";
import type { SinkQueue } from "../delivery/sink-queue.ts";
import type { RouteObserver } from "../route-observer.ts";
import { decideRepeats } from "../rules/decide-repeats.ts";
import type { Router } from "../rules/router-contract.ts";
import type { Checkpoint, KnownEvent, QueuedDelivery, Repeat, RouteStore, StoreChange } from "../store/route-store.ts";
import { findGap } from "./find-gap.ts";
import type { IntakeStep } from "./intake.ts";
import type { ObjectReader } from "./object-reader.ts";
import { takeIn } from "./take-in.ts";

export interface BatchWriterOptions {
  /** Waits for what may pass, such as a full disk: nothing goes on that is not stored. */
  readonly store: RouteStore;
  readonly router: Router;
  readonly objects: ObjectReader;
  readonly queues: readonly SinkQueue[];
  /** Sinks whose queue drops what comes when it is full. */
  readonly dropping: ReadonlySet<string>;
  readonly cluster: Cluster | undefined;
  /** Whether the events of the first list are known only, and not delivered. */
  readonly fromNow: boolean;
  /** Milliseconds. */
  readonly eventTtl: number;
  readonly lastSequence: number;
  readonly checkpoint: Checkpoint;
  readonly clock: Clock;
  readonly observer: RouteObserver;
  readonly signal: AbortSignal;
}

/** Turns steps of the intake into changes of the store, and hands what is stored to the queues. */
export interface BatchWriter {
  write(steps: readonly IntakeStep[]): Promise<void>;
  /** Stores how far the sinks are, and when the watch was last alive, where that has changed. */
  save(aliveAt: number | undefined): Promise<void>;
  /** When everything up to then was known to be taken in. */
  readonly checkpointAt: number | undefined;
}

/** Objects read at a time. */
const readsAtOnce = 8;
/** Known events looked through at a time. */
const pageSize = 2_000;

export function createBatchWriter(options: BatchWriterOptions): BatchWriter {
  const { store, router, objects, queues, dropping, clock, observer, signal } = options;
  let { lastSequence } = options;
  let { mark, aliveAt: storedAliveAt } = options.checkpoint;
  /**
   * Of the list that is under way: the uids it has shown, and whether one of them is in a state from before the mark. What
   * an earlier, unfinished list had taken in is newer than the mark, and may have been written in the interruption.
   */
  let listed = new Set<string>();
  let hasSurvivors = false;
  const stored = new Map<string, number>();
  /** Changes are stored one after the other, whoever asks for it. */
  let committing: Promise<void> = Promise.resolve();

  async function write(steps: readonly IntakeStep[]): Promise<void> {
    let group: IntakeStep[] = [];
    for (const step of steps) {
      if (step.type !== "synced") {
        group.push(step);
        continue;
      }
      await writeChanges(group);
      group = [];
      await writeSynced(step);
    }
    await writeChanges(group);
  }

  async function writeChanges(steps: readonly IntakeStep[]): Promise<void> {
    if (steps.length === 0) return;
    const { known, forgotten, deliveries, checkpoint } = await takeAllIn(steps);
    const complete = await withObjects(deliveries);
    for (const delivery of complete) observer.taken(delivery);
    const { queued, repeats } = await queue(complete);
    await room();
    const change: StoreChange = {
      known: [...known.values()],
      forgotten: [...forgotten],
      queued,
      // Of an event that came and went in one group nothing is remembered.
      repeats: repeats.filter(({ uid }) => !forgotten.has(uid)),
      ...(checkpoint && { checkpoint }),
    };
    await commit(change);
    for (const uid of forgotten) observer.forgotten(uid);
    for (const one of queues) one.stored(queued);
  }

  async function takeAllIn(steps: readonly IntakeStep[]) {
    const uids = new Set(steps.flatMap((step) => (step.type === "event" ? [uidOf(step)] : [])));
    const before = await store.known([...uids]);
    const known = new Map<string, KnownEvent>();
    const forgotten = new Set<string>();
    const deliveries: Delivery[] = [];
    let checkpoint: Checkpoint | undefined;
    const now = clock.now().getTime();
    for (const step of steps) {
      if (step.type === "synced") continue;
      const uid = uidOf(step);
      if (step.type === "deleted") {
        known.delete(uid);
        forgotten.add(uid);
        checkpoint = checkpointOf(step);
        continue;
      }
      const isListed = step.change === "listed" || step.change === "present";
      if (isListed) listed.add(uid);
      else checkpoint = checkpointOf(step);
      const former = known.get(uid) ?? (forgotten.has(uid) ? undefined : before.get(uid));
      const taken = takeIn({ event: step.event, isListed }, former, now);
      if (isListed && !taken?.delivery) observer.present(step.event);
      if (!taken) {
        if (isListed) hasSurvivors ||= isUpTo(step.event.metadata.resourceVersion, mark);
        continue;
      }
      known.set(uid, taken.known);
      forgotten.delete(uid);
      // Before the first list is complete there is no mark. What it shows twice has changed since it was begun.
      const isSkipped = options.fromNow && isListed && mark === undefined && former === undefined;
      if (taken.delivery && !isSkipped) deliveries.push(ofCluster(taken.delivery, options.cluster));
    }
    return { known, forgotten, deliveries, checkpoint };
  }

  async function withObjects(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    if (!deliveries.some((delivery) => router.needsObject(delivery))) return deliveries;
    const complete: Delivery[] = [];
    const read = async (delivery: Delivery): Promise<Delivery> => {
      if (!router.needsObject(delivery)) return delivery;
      const object = await objects.facts(delivery.event.involvedObject, signal);
      return object ? { ...delivery, object } : delivery;
    };
    for await (const delivery of mapConcurrent(deliveries, readsAtOnce, read)) complete.push(delivery);
    return complete;
  }

  async function queue(deliveries: readonly Delivery[]) {
    const queued: QueuedDelivery[] = [];
    const repeats = new Map<string, Repeat>();
    const at = clock.now().getTime();
    for (const delivery of deliveries) {
      const targets: Record<string, number> = {};
      for (const target of router.route(delivery)) {
        const uid = delivery.event.metadata.uid ?? "";
        const key = `${uid} ${target.route}`;
        const isRemembered = target.repeats !== "all";
        const previous = isRemembered ? (repeats.get(key) ?? (await store.repeat(uid, target.route))) : undefined;
        const { deliver, next } = decideRepeats(target.repeats, previous, delivery.delta, at);
        if (next) repeats.set(key, { uid, route: target.route, ...next });
        if (deliver === undefined) continue;
        if (isDropped(target.sink)) observer.dropped(target.sink, 1, "queue-full");
        else targets[target.sink] = deliver;
      }
      if (Object.keys(targets).length === 0) continue;
      queued.push({
        sequence: ++lastSequence,
        at,
        targets,
        delivery,
        bytes: Buffer.byteLength(deliveryJson(delivery)),
      });
    }
    return { queued, repeats: [...repeats.values()] };
  }

  function isDropped(sink: string): boolean {
    return dropping.has(sink) && queues.some((one) => one.name === sink && one.isFull);
  }

  /** Until no queue is full that may not drop. Nothing is read from the server meanwhile, either: it waits for this. */
  async function room(): Promise<void> {
    for (const one of queues) {
      if (!dropping.has(one.name) && one.isFull) await orAborted(one.room(), signal);
    }
  }

  /** What is known and was not in the list is there no more; what that says of the time that nobody watched. */
  async function writeSynced(step: Extract<IntakeStep, { type: "synced" }>): Promise<void> {
    const now = clock.now().getTime();
    const forgotten: string[] = [];
    let newestGone: number | undefined;
    for (let after = ""; ; ) {
      const page = await store.knownAfter(after, pageSize);
      for (const { uid, seenAt } of page) {
        if (listed.has(uid)) continue;
        forgotten.push(uid);
        newestGone = Math.max(newestGone ?? 0, seenAt);
      }
      const last = page.at(-1);
      if (!last || page.length < pageSize) break;
      after = last.uid;
    }
    const { interruptedAt: from } = step;
    const { eventTtl } = options;
    const gap =
      from === undefined ? undefined : findGap({ from, to: step.aliveAt ?? now, hasSurvivors, newestGone, eventTtl });
    // Once it is stored that the interruption is over, nobody would tell it any more.
    if (gap) observer.gap(gap.from, gap.to);
    await commit({ forgotten, checkpoint: checkpointAt(step.resourceVersion, step.aliveAt) });
    for (const uid of forgotten) observer.forgotten(uid);
    listed = new Set();
    hasSurvivors = false;
  }

  function commit(change: StoreChange): Promise<void> {
    const result = committing.then(() => commitNow(change));
    committing = result.catch(() => undefined);
    return result;
  }

  async function commitNow(change: StoreChange): Promise<void> {
    const cursors = movedCursors();
    const whole = Object.keys(cursors).length > 0 ? { ...change, cursors } : change;
    await store.commit(whole);
    for (const [sink, sequence] of Object.entries(cursors)) stored.set(sink, sequence);
    mark = change.checkpoint?.mark ?? mark;
    storedAliveAt = change.checkpoint?.aliveAt ?? storedAliveAt;
  }

  function movedCursors(): Record<string, number> {
    return Object.fromEntries(
      queues.filter(({ name, cursor }) => stored.get(name) !== cursor).map(({ name, cursor }) => [name, cursor]),
    );
  }

  return {
    write,
    save: async (aliveAt) => {
      // Before the first list is complete, when the watch was alive says nothing.
      const checkpoint =
        mark !== undefined && aliveAt !== undefined && aliveAt > (storedAliveAt ?? 0) ? { aliveAt } : undefined;
      if (checkpoint || Object.keys(movedCursors()).length > 0) await commit(checkpoint ? { checkpoint } : {});
    },
    get checkpointAt() {
      return storedAliveAt;
    },
  };
}

function checkpointOf({ event, aliveAt }: Extract<IntakeStep, { type: "event" | "deleted" }>): Checkpoint {
  return checkpointAt(event.metadata.resourceVersion, aliveAt);
}

function checkpointAt(mark: string | undefined, aliveAt: number | undefined): Checkpoint {
  return { ...(mark !== undefined && { mark }), ...(aliveAt !== undefined && { aliveAt }) };
}

/** False where either is unknown, or no number. */
function isUpTo(version = "", mark = ""): boolean {
  return (compareResourceVersions(version, mark) ?? 1) <= 0;
}

function uidOf({ event }: Extract<IntakeStep, { type: "event" | "deleted" }>): string {
  return event.metadata.uid ?? "";
}

function ofCluster(delivery: Delivery, cluster: Cluster | undefined): Delivery {
  if (!cluster) return delivery;
  const { event, ...rest } = delivery;
  return { ...rest, cluster, event };
}
