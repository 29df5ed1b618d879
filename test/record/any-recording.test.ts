import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { createEventRecorder, type EventRecorder } from "../../src/record/event-recorder.ts";
import type { RecordOutcome } from "../../src/record/recorder-ledger.ts";
import { handClock } from "../support/fake-clock.ts";
import { busy, type EventShelf, eventShelf, type ShelfFate } from "./event-shelf.ts";
import { apiError } from "./scripted-events.ts";

jest.setTimeout(60_000);

/** What happens, one after the other; the recorder writes beside it. */
type Deed =
  | { do: "record"; object: string; message: string; times: number }
  | { do: "wait"; seconds: number }
  | { do: "expire" };
type FateName = "pass" | "away" | "lost" | "busy" | "too many";

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("record" as const),
      object: fc.constantFrom("a", "b", "c"),
      message: fc.constantFrom("1", "2", "3", "4"),
      times: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), seconds: fc.integer({ min: 0, max: 10 }) }) },
  { weight: 1, arbitrary: fc.constant<Deed>({ do: "expire" }) },
);
const fates = fc.array(fc.constantFrom<FateName>("pass", "away", "lost", "busy", "too many"), { maxLength: 40 });
const numbers = fc.record({
  concurrency: fc.integer({ min: 1, max: 3 }),
  queueLimit: fc.constantFrom(2, 1_000),
  remembered: fc.constantFrom(2, 4_096),
  limited: fc.boolean(),
  expires: fc.boolean(),
});

interface Run {
  readonly shelf: EventShelf;
  readonly recorder: EventRecorder;
  readonly outcomes: readonly RecordOutcome[];
}

async function run(deeds: readonly Deed[], names: readonly FateName[], options: Options): Promise<Run> {
  const clock = handClock("2026-11-28T09:30:00Z");
  const shelf = eventShelf();
  const left = [...names];
  shelf.fate = () => fateOf(left.shift() ?? "pass", options.expires);
  const { concurrency, queueLimit, remembered, limited } = options;
  const limits = limited ? { combineFrom: 3, burst: 4, refillEvery: 20_000 } : unlimited;
  const recorder = createEventRecorder(shelf, {
    ...{ clock, random: () => 0, hostName: () => "laptop", concurrency, queueLimit },
    correlation: { ...limits, remembered },
    retryTimeout: Number.POSITIVE_INFINITY,
  });
  const recorded: Promise<RecordOutcome>[] = [];
  for (const one of deeds) {
    if (one.do === "wait") await clock.advance(one.seconds * 1_000);
    else if (one.do === "expire" && options.expires) shelf.expire();
    else if (one.do === "record") {
      const object = { apiVersion: "v1", kind: "Pod", namespace: "prod", name: one.object, uid: one.object };
      for (let time = 0; time < one.times; time++) {
        recorded.push(recorder.record(object, { what: "Happened", message: one.message }));
      }
    }
  }
  const flushing = recorder.flush();
  await clock.advance(300_000);
  await flushing;
  return { shelf, recorder, outcomes: await Promise.all(recorded) };
}

interface Options {
  concurrency: number;
  queueLimit: number;
  remembered: number;
  limited: boolean;
  expires: boolean;
}

const unlimited = { combineFrom: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY };

function fateOf(name: FateName, expires: boolean): ShelfFate {
  if (name === "busy") return busy();
  if (name === "too many") return apiError(429, "TooManyRequests");
  // An event that was counted up and expired before anybody heard of it would be counted on the next one, too.
  return name === "lost" && expires ? "away" : name;
}

test("whatever happens, each occurrence is counted on one event or dropped with a reason, and none twice", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 40 }), fates, numbers, async (deeds, names, options) => {
      const { shelf, recorder, outcomes } = await run(deeds, names, options);
      const { recorded, created, counted, dropped, waiting } = recorder.counts;
      const all = [...shelf.expired, ...shelf.events];
      const lost = Object.values(dropped).reduce((sum, number) => sum + number, 0);

      expect([waiting, recorded]).toEqual([0, outcomes.length]);
      expect(created + counted + lost).toBe(recorded);
      expect(all).toHaveLength(created);
      expect(all.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(created + counted);
      expect(outcomes.filter(({ outcome }) => outcome === "dropped")).toHaveLength(lost);
      expect({ ...dropped, throttled: 0, "queue-full": 0 }).toEqual({ ...noneDropped });
    }),
    { numRuns: 150 },
  );
});

const noneDropped = { "queue-full": 0, throttled: 0, "not-found": 0, refused: 0, "gave-up": 0, closed: 0 };

test("whatever happens, the events of one object are made in the order in which they were recorded", async () => {
  const always = { queueLimit: 1_000, remembered: 4_096, limited: false, expires: false };
  await fc.assert(
    fc.asyncProperty(
      fc.array(deed, { maxLength: 40 }),
      fates,
      fc.integer({ min: 1, max: 3 }),
      async (deeds, names, concurrency) => {
        const { shelf } = await run(deeds, names, { ...always, concurrency });
        for (const object of ["a", "b", "c"]) {
          const said = deeds.flatMap((one) => (one.do === "record" && one.object === object ? one.message : []));
          const made = shelf.events.filter(({ involvedObject }) => involvedObject.name === object);
          expect(made.map(({ message }) => message)).toEqual([...new Set(said)]);
        }
      },
    ),
    { numRuns: 50 },
  );
});
