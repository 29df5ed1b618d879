import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import { BadAnswerError } from "../../src/kube/bad-answer-error.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { unreachable } from "../../src/kube/connection-failure.ts";
import { createMemoryTrackStore } from "../../src/track/memory-track-store.ts";
import { createOutboxSender, type OutboxSender } from "../../src/track/outbox-sender.ts";
import { createPutOff } from "../../src/track/put-off.ts";
import type { OutboxEntry, TrackStore } from "../../src/track/track-store.ts";
import { deferred } from "../support/deferred.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { storedEvent } from "../support/sample-delivery.ts";

const queued = (sequence: number, namespace = "prod"): OutboxEntry => ({
  sequence,
  seenAt: Date.parse("2026-11-23T09:29:58Z"),
  event: storedEvent({ metadata: { name: `e${sequence}`, namespace }, reason: "ObjectChanged" }),
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
let onEvent: (event: KubeEvent) => unknown;

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
  onEvent = note("event");
  sender = createOutboxSender(connection, {
    ...{ store, clock, random: () => 1 },
    observer: { written: note("written"), dropped: note("dropped"), notWritten: note("notWritten") },
    onEvent: (event) => onEvent(event),
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

  test.each([
    ["401 of the API server", status(401, "Unauthorized")],
    ["page of a load balancer", new ApiError({ httpStatus: 403, request: "POST /events", bodyText: "<html>" })],
    ["certificate that was changed", unreachable("tls", "self-signed certificate")],
  ])("waits after a %s", async (_what, error) => {
    failures = { e1: [error, error] };
    await start(queued(1));
    await clock.advance(750);
    expect(told.map(([what]) => what)).toEqual(["notWritten", "notWritten", "written", "event"]);
  });

  describe("and may not be written", () => {
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1);

    test("is kept, and one of its namespace is tried again; other namespaces go on", async () => {
      failures = Object.fromEntries(numbers.map((number) => [`e${number}`, [forbidden]]));
      // The eight that were on their way together, and the test.
      failures.e1?.push(forbidden);
      await start(...numbers.map((number) => queued(number, "closed")), queued(21, "open"));
      expect(told).toEqual([
        ["notWritten", forbidden.message, 1_000],
        ["written", "e21", 2],
        ["event", "e21"],
      ]);
      expect(sends).toHaveLength(9);
      await clock.advance(1_000);
      expect(sends.slice(9)).toEqual(["e1"]);
      expect(told.slice(3)).toEqual([["notWritten", forbidden.message, 2_000]]);
      // The right is there now.
      failures = {};
      await clock.advance(2_000);
      expect(await left()).toEqual([]);
      expect(sends).toHaveLength(10 + 20);
    });

    test("holds up nobody, in however many namespaces that is", async () => {
      failures = Object.fromEntries(numbers.map((number) => [`e${number}`, Array(9).fill(forbidden)]));
      await start(...numbers.map((number) => queued(number, `closed-${number}`)));
      await clock.advance(1_000);
      await store.commit({ queued: [queued(21, "open")] });
      sender.wake();
      await clock.advance(0);
      expect(told.filter(([what]) => what === "written")).toEqual([["written", "e21", 3]]);
    });

    test("is tried again though the clock was set back", async () => {
      failures = { e1: [forbidden] };
      await start(queued(1));
      const now = clock.now;
      clock.now = () => new Date(now().getTime() - 3_600_000);
      await clock.advance(1_000);
      expect(await left()).toEqual([]);
    });

    test("is tried again when it is more than arguments may be", async () => {
      const many = Array.from({ length: 150_000 }, (_, index) => index + 1);
      const putOff = createPutOff();
      const place = "closed";
      for (const sequence of many) putOff.refused({ sequence, place, isTest: false }, 0);
      expect([putOff.nextAt(), putOff.take(8, 1_000)]).toEqual([1_000, [{ sequence: 1, place, isTest: true }]]);
      putOff.release(place);
      expect(putOff.take(150_000, 1_000)).toHaveLength(149_999);
    });
  });

  test("waits until the one before is told of", async () => {
    const room = deferred();
    onEvent = () => room.promise;
    const entries = Array.from({ length: 20 }, (_, index) => queued(index + 1));
    await start(...entries);
    expect(sends).toHaveLength(8);
    room.resolve();
    await clock.advance(0);
    expect(await left()).toEqual([]);
  });

  test("is written before the end, and what cannot be is left", async () => {
    failures = { e2: [forbidden, forbidden] };
    await start(queued(2));
    await store.commit({ queued: [queued(3, "dev")] });
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
