import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import { BadAnswerError } from "../../src/kube/bad-answer-error.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { unreachable } from "../../src/kube/connection-failure.ts";
import { createMemoryTrackStore } from "../../src/track/memory-track-store.ts";
import { createOutboxSender, type OutboxSender } from "../../src/track/outbox-sender.ts";
import type { OutboxEntry, TrackStore } from "../../src/track/track-store.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { storedEvent } from "../support/sample-delivery.ts";

const queued = (sequence: number): OutboxEntry => ({
  sequence,
  seenAt: Date.parse("2026-11-23T09:29:58Z"),
  event: storedEvent({ metadata: { name: `e${sequence}`, namespace: "prod" }, reason: "ObjectChanged" }),
});
const status = (httpStatus: number, reason: string, message = reason, causes: { reason: string }[] = []): ApiError =>
  new ApiError({
    httpStatus,
    request: "POST /events",
    status: { kind: "Status", reason, message, details: { causes } },
  });
const down = unreachable("refused", "nobody is there");
const noEvent = new BadAnswerError({ request: "POST /events", httpStatus: 200, problem: "with a page" });
const forbidden = status(
  403,
  "Forbidden",
  'User "kev" cannot create resource "events" in API group "" in the namespace "prod"',
);
const terminating = status(403, "Forbidden", "namespace prod is being terminated", [
  { reason: "NamespaceTerminating" },
]);

let store: TrackStore;
let clock: ManualClock;
let told: unknown[][];
let sender: OutboxSender;
let [ending, cut] = [new AbortController(), new AbortController()];
let running: Promise<void>;
/** Name of an event → what its next sends meet; then it is stored. */
let failures: Record<string, Error[]>;
let sends: string[];

beforeEach(() => {
  store = createMemoryTrackStore();
  clock = manualClock("2026-11-23T09:30:00Z");
  [told, failures, sends] = [[], {}, []];
  [ending, cut] = [new AbortController(), new AbortController()];
  const connection = {
    coreV1: async () => ({
      createNamespacedEventWithHttpInfo: async ({ body }: { body: KubeEvent }) => {
        const { name = "" } = body.metadata;
        sends.push(name);
        const failure = failures[name]?.shift();
        if (failure) throw failure;
        return { httpStatusCode: 201, body: { text: async () => JSON.stringify({ kind: "Event", ...body }) } };
      },
    }),
  } as unknown as Connection;
  const note =
    (what: string) =>
    (...more: unknown[]) => {
      told.push([
        what,
        ...more.map((one) => (one instanceof Error ? one.message : ((one as KubeEvent).metadata?.name ?? one))),
      ]);
    };
  sender = createOutboxSender(connection, {
    ...{ store, clock, random: () => 1 },
    observer: { written: note("written"), dropped: note("dropped"), notWritten: note("notWritten") },
    onEvent: note("event"),
  });
});
afterEach(async () => {
  cut.abort();
  await running.catch(() => undefined);
});

async function start(...entries: OutboxEntry[]): Promise<void> {
  await store.commit({ queued: entries });
  running = sender.run(ending.signal, cut.signal);
  running.catch(() => undefined);
  await clock.advance(0);
}
const left = async () => (await store.outbox(0, 100)).map(({ sequence }) => sequence);

describe("what is in the outbox", () => {
  test("is written, told, and let go", async () => {
    await start(queued(1));
    expect([told, await left()]).toEqual([
      [
        ["written", "e1", 2],
        ["event", "e1"],
      ],
      [],
    ]);
    await store.commit({ queued: [queued(2)] });
    sender.wake();
    await clock.advance(0);
    expect([sends, await left()]).toEqual([["e1", "e2"], []]);
  });

  test("and has its name already in the server is written: an earlier run has sent it", async () => {
    failures = { e1: [status(409, "AlreadyExists")] };
    await start(queued(1));
    expect([told[0], await left()]).toEqual([["written", "e1", 2], []]);
  });

  test("waits for a server that is away, and longer each time", async () => {
    failures = { e1: [down, noEvent, status(503, "ServiceUnavailable"), status(429, "TooManyRequests")] };
    await start(queued(1));
    await clock.advance(250);
    await clock.advance(500);
    expect(await left()).toEqual([1]);
    await clock.advance(1_000);
    expect(await left()).toEqual([1]);
    await clock.advance(2_000);
    expect(told).toEqual([
      ["notWritten", "Unable to connect to the server: nobody is there", 250],
      ["notWritten", "POST /events answered HTTP 200 with a page", 500],
      ["notWritten", "ServiceUnavailable", 1_000],
      ["notWritten", "TooManyRequests", 2_000],
      ["written", "e1", 5.75],
      ["event", "e1"],
    ]);
  });

  test("and is refused for good is counted, and holds up nobody", async () => {
    failures = { e1: [terminating], e2: [status(422, "Invalid", "too long")] };
    await start(queued(1), queued(2), queued(3));
    expect(told.filter(([what]) => what !== "event")).toEqual([
      ["dropped", "e1", "namespace prod is being terminated"],
      ["dropped", "e2", "too long"],
      ["written", "e3", 2],
    ]);
    expect(await left()).toEqual([]);
  });

  test("and may not be written is kept and tried again, while the others go on", async () => {
    const names = Array.from({ length: 20 }, (_, index) => index + 1);
    failures = Object.fromEntries(names.map((number) => [`e${number}`, [forbidden, forbidden]]));
    await start(...names.map(queued), queued(21));
    expect(told.filter(([what]) => what === "written")).toEqual([["written", "e21", 2]]);
    await clock.advance(1_000);
    expect(sends).toHaveLength(41);
    await clock.advance(2_000);
    expect(await left()).toEqual([]);
    expect(sends).toHaveLength(61);
  });

  test("is written before the end, and what cannot be is left", async () => {
    failures = { e2: [forbidden, forbidden] };
    await start(queued(2));
    await store.commit({ queued: [queued(3)] });
    ending.abort();
    await clock.advance(0);
    await running;
    expect([sends, await left()]).toEqual([["e2", "e3"], [2]]);
  });

  test("is left where the time for it is over", async () => {
    failures = { e1: [down, down, down] };
    await start(queued(1));
    ending.abort();
    cut.abort(new Error("over"));
    await running;
    expect(await left()).toEqual([1]);
  });
});

test("a mistake ends it", async () => {
  failures = { e1: [new TypeError("a mistake")] };
  await start(queued(1));
  await expect(running).rejects.toThrow("a mistake");
});
