import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { createChangeLog } from "../../src/track/change-log.ts";
import { createMemoryTrackStore } from "../../src/track/memory-track-store.ts";
import { createOutboxSender } from "../../src/track/outbox-sender.ts";
import type { TrackStore } from "../../src/track/track-store.ts";
import type { Clock } from "../../src/util/clock.ts";
import { settled } from "../support/fake-clock.ts";
import { createObjectServer, type Fate, type ObjectServer } from "./object-server.ts";
import { sampleRules } from "./sample-rules.ts";

jest.setTimeout(120_000);

/** What happens, one after the other. */
type Deed =
  | { do: "change"; name: string }
  | { do: "remove"; name: string }
  | { do: "compact" }
  | { do: "save" }
  | { do: "crash" }
  | { do: "close" }
  /** Takes so many steps in, as one group; killed after so many turns where it says so. */
  | { do: "take"; steps: number; killedAfter: number | undefined }
  | { do: "wait"; turns: number };

const name = fc.constantFrom("a", "b", "c", "d", "e");
const killedAfter = fc.option(fc.integer({ min: 0, max: 15 }), { freq: 3, nil: undefined });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("change" as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), name }) },
  { weight: 4, arbitrary: fc.constantFrom<Deed>({ do: "compact" }, { do: "save" }, { do: "crash" }) },
  { weight: 4, arbitrary: fc.constant<Deed>({ do: "close" }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("take" as const), steps: fc.integer({ min: 1, max: 6 }), killedAfter }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), turns: fc.integer({ min: 1, max: 12 }) }) },
);
const fate = fc.constantFrom<Fate>("stored", "refused", "unanswered", "stored, and unanswered");

interface World {
  readonly server: ObjectServer;
  readonly store: TrackStore;
  readonly clock: Clock;
}

/** One process: everything that is lost when it is killed. */
interface Process {
  take(steps: number): Promise<void>;
  close(): Promise<unknown>;
  save(): Promise<void>;
  readonly isIdle: boolean;
  kill(): void;
}

/** Nothing here refuses an event for good; one that was stored before is no refusal. */
const notDropped = (_event: KubeEvent, error: Error): never => {
  throw error;
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function startProcess({ server, store, clock }: World): Promise<Process> {
  const killed = new AbortController();
  const mortal = mortalStore(store, killed.signal);
  const { marks, lastSequence } = await store.load();
  const log = createChangeLog({
    store: mortal,
    rules: sampleRules({ debounce: 1_500 }),
    verbs: new Set(["created", "changed", "deleted"] as const),
    ...{ component: "kev-track", instance: "test", isMade: () => true, marks, followedAt: {}, lastSequence, clock },
    observer: { found: () => undefined },
  });
  const observer = { written: () => undefined, dropped: notDropped, notWritten: () => undefined };
  const sender = createOutboxSender(server.connection, {
    ...{ store: mortal, clock, random: () => 0, observer, onEvent: () => undefined },
  });
  const never = new AbortController();
  sender.run(never.signal, killed.signal).catch((error) => {
    if (error !== killed.signal.reason) throw error;
  });
  const type = "deployments.apps";
  const reading = server.read(marks[type], () => log.missing(type));
  let isIdle = false;
  return {
    take: async (count) => {
      const steps = [];
      isIdle = false;
      while (steps.length < count) {
        const { value } = await reading.next();
        if (value === undefined) {
          isIdle = steps.length === 0;
          break;
        }
        steps.push(value);
      }
      await log.take(type, steps);
      sender.wake();
    },
    close: async () => {
      await log.closeDue({ until: clock.now().getTime() });
      sender.wake();
    },
    save: () => log.save({}),
    get isIdle() {
      return isIdle;
    },
    kill: () => killed.abort(new Error("killed")),
  };
}

/** The store as one process has it: after its end it reaches it no more, and it never gets another answer. */
function mortalStore(store: TrackStore, killed: AbortSignal): TrackStore {
  const dead = new Promise<never>(() => undefined);
  const alive =
    <Args extends unknown[], T>(run: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await turn();
      if (killed.aborted) return dead;
      const result = await run(...args);
      await turn();
      return killed.aborted ? dead : result;
    };
  return {
    isKept: true,
    load: alive(store.load),
    commit: alive(store.commit),
    known: alive(store.known),
    uidsAfter: alive(store.uidsAfter),
    due: alive(store.due),
    groups: alive(store.groups),
    outbox: alive(store.outbox),
    waiting: alive(store.waiting),
    close: async () => undefined,
  };
}

/** What there was at first, at what number of replicas, and what there is and was said in the end. */
async function liveThrough(deeds: readonly Deed[], fates: readonly Fate[]) {
  let now = Date.parse("2026-11-23T09:30:00Z");
  const clock: Clock = {
    now: () => new Date(now),
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      // Who waits for news waits for them.
      if (milliseconds > 60_000)
        await new Promise<void>((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
      now += milliseconds;
      await turn();
      signal?.throwIfAborted();
    },
  };
  const world: World = { server: createObjectServer(), store: createMemoryTrackStore(), clock };
  for (const one of ["a", "b"]) world.server.change(one);
  const first = [...world.server.objects.values()];
  let process = await startProcess(world);
  for (let steps = 0; steps < 4; steps++) await process.take(10);
  world.server.fates.push(...fates);
  const restart = async () => {
    process.kill();
    process = await startProcess(world);
  };
  for (const deed of deeds) {
    now += 1_000;
    if (deed.do === "change") world.server.change(deed.name);
    else if (deed.do === "remove") world.server.remove(deed.name);
    else if (deed.do === "compact") world.server.compact();
    else if (deed.do === "save") await process.save();
    else if (deed.do === "close") await process.close();
    else if (deed.do === "crash") await restart();
    else if (deed.do === "wait") for (let left = deed.turns; left > 0; left--) await turn();
    else if (deed.killedAfter === undefined) await process.take(deed.steps);
    else {
      process.take(deed.steps).catch(() => undefined);
      for (let left = deed.killedAfter; left > 0; left--) await turn();
      await restart();
    }
  }
  world.server.fates.length = 0;
  for (let rounds = 0; rounds < 3 || !process.isIdle || (await world.store.waiting()).count > 0; rounds++) {
    if (rounds > 500) throw new Error("the outbox does not become empty");
    now += 10_000;
    await process.take(100);
    await process.close();
    await settled();
  }
  await process.save();
  process.kill();
  return { ...world, first };
}

interface Told {
  created: number;
  deleted: number;
  steps: { before: number; after: number }[];
}

function toldOf(events: Iterable<KubeEvent>): Map<string, Told> {
  const told = new Map<string, Told>();
  for (const {
    involvedObject: { uid = "" },
    reason,
    message = "",
  } of events) {
    const one = told.get(uid) ?? { created: 0, deleted: 0, steps: [] };
    told.set(uid, one);
    if (reason === "ObjectCreated") one.created++;
    if (reason === "ObjectDeleted") one.deleted++;
    for (const [, before, after] of message.matchAll(
      /(?:changer|maker) \(Update\) changed spec\.replicas: (\d+) → (\d+)/g,
    )) {
      one.steps.push({ before: Number(before), after: Number(after) });
    }
    if (reason === "ObjectChanged")
      expect(message).toMatch(/^(changer|maker) \(Update\) changed spec\.replicas: \d+ → \d+$/);
  }
  return told;
}

test("whatever happens on the way, the events of an object tell all that has become of it, each once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 50 }), fc.array(fate, { maxLength: 12 }), async (deeds, fates) => {
      const { server, store, first } = await liveThrough(deeds, fates);
      const told = toldOf(server.events.values());
      const alive = new Map([...server.objects.values()].map((object) => [object.metadata.uid ?? "", object]));
      const atFirst = new Map(first.map((object) => [object.metadata.uid ?? "", replicasOf(object)]));
      for (const uid of new Set([...told.keys(), ...alive.keys(), ...atFirst.keys()])) {
        const { created, deleted, steps } = told.get(uid) ?? { created: 0, deleted: 0, steps: [] };
        // What was there at the start was not made since; what came later is told of, unless it came and went unseen.
        expect(created).toBe(atFirst.has(uid) ? 0 : 1);
        expect(deleted).toBe(alive.has(uid) ? 0 : 1);
        // Numbers never come again: each step begins where the one before it ended.
        steps.sort((one, other) => one.before - other.before);
        const [firstStep] = steps;
        if (atFirst.has(uid) && firstStep) expect(firstStep.before).toBe(atFirst.get(uid));
        for (const [at, { after }] of steps.slice(0, -1).entries()) expect(steps[at + 1]?.before).toBe(after);
        const object = alive.get(uid);
        const last = steps.at(-1)?.after ?? atFirst.get(uid);
        if (object && last !== undefined) expect(last).toBe(replicasOf(object));
      }
      expect(await store.uidsAfter("deployments.apps", "", 100)).toEqual([...alive.keys()].sort());
      expect(await store.groups()).toMatchObject({ count: 0 });
    }),
    { numRuns: 200 },
  );
});

const replicasOf = ({ spec }: KubeObject): number => (spec as { replicas: number }).replicas;
