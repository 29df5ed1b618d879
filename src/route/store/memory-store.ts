import {
  type Backlog,
  type Checkpoint,
  fitting,
  type KnownEvent,
  type QueuedDelivery,
  type Repeat,
  type RouteStore,
  type StoreChange,
  type StoreIdentity,
} from "./route-store.ts";

/** A store that is forgotten with the process: for `--state none`. Never fails. */
export function createMemoryStore(): RouteStore {
  const known = new Map<string, KnownEvent>();
  const repeats = new Map<string, Map<string, Repeat>>();
  const cursors = new Map<string, number>();
  let queue: QueuedDelivery[] = [];
  let checkpoint: Checkpoint = {};
  let identity: StoreIdentity | undefined;
  let lastSequence = 0;

  const waitsFor = (sink: string, { sequence, targets }: QueuedDelivery): boolean =>
    Object.hasOwn(targets, sink) && sequence > (cursors.get(sink) ?? Number.POSITIVE_INFINITY);

  function write(change: StoreChange): void {
    for (const event of change.known ?? []) known.set(event.uid, event);
    for (const uid of change.forgotten ?? []) {
      known.delete(uid);
      repeats.delete(uid);
    }
    for (const delivery of change.queued ?? []) {
      queue.push(delivery);
      lastSequence = delivery.sequence;
    }
    for (const repeat of change.repeats ?? []) {
      const routes = repeats.get(repeat.uid) ?? new Map<string, Repeat>();
      repeats.set(repeat.uid, routes.set(repeat.route, repeat));
    }
    for (const [sink, sequence] of Object.entries(change.cursors ?? {})) cursors.set(sink, sequence);
    for (const sink of change.removed ?? []) cursors.delete(sink);
    if (change.cursors || change.removed) {
      queue = queue.filter((one) => Object.keys(one.targets).some((sink) => waitsFor(sink, one)));
    }
    checkpoint = { ...checkpoint, ...change.checkpoint };
    identity = change.identity ?? identity;
  }

  return {
    isKept: false,
    load: async () => ({ checkpoint, identity, lastSequence, cursors: Object.fromEntries(cursors) }),
    commit: async (change) => write(change),
    known: async (uids) => new Map(uids.flatMap((uid) => entry(uid, known.get(uid)))),
    knownAfter: async (after, limit) =>
      [...known.values()]
        .filter(({ uid }) => uid > after)
        .sort((a, b) => (a.uid < b.uid ? -1 : 1))
        .slice(0, limit),
    repeat: async (uid, route) => repeats.get(uid)?.get(route),
    queued: async (sink, after, limit) => {
      const all = queue.filter(({ sequence, targets }) => sequence > after && Object.hasOwn(targets, sink));
      return all.slice(0, fitting(all, limit));
    },
    backlog: async () => {
      const found = new Map<string, Backlog>();
      for (const delivery of queue) {
        for (const sink of Object.keys(delivery.targets)) {
          if (!waitsFor(sink, delivery)) continue;
          const { events, bytes, oldestAt } = found.get(sink) ?? { events: 0, bytes: 0, oldestAt: delivery.at };
          found.set(sink, {
            events: events + 1,
            bytes: bytes + delivery.bytes,
            oldestAt: Math.min(oldestAt, delivery.at),
          });
        }
      }
      return found;
    },
    close: async () => undefined,
  };
}

function entry(uid: string, event: KnownEvent | undefined): [string, KnownEvent][] {
  return event ? [[uid, event]] : [];
}
