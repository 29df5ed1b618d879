import { describe, expect, test } from "@jest/globals";
import type { KubeObject } from "../../src/events/event.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import { BadAnswerError } from "../../src/kube/bad-answer-error.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import {
  createEventRecorder,
  type EventRecorder,
  type EventRecorderOptions,
  type RecordContent,
} from "../../src/record/event-recorder.ts";
import type { RecordedObject } from "../../src/record/recorded-object.ts";
import type { LostRecord, RecordOutcome } from "../../src/record/recorder-ledger.ts";
import { notFound } from "../kube/scripted-connection.ts";
import { fakeClock, handClock, settled } from "../support/fake-clock.ts";
import { busy, type EventShelf, eventShelf } from "./event-shelf.ts";
import { apiError } from "./scripted-events.ts";

const start = "2026-11-28T09:30:00Z";
const started = { what: "Started" };

function recorderOn(shelf: EventShelf, options: EventRecorderOptions = {}): EventRecorder {
  return createEventRecorder(shelf, { clock: fakeClock(start), random: () => 0, hostName: () => "laptop", ...options });
}

function pod(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "prod", uid: `uid-${name}`, resourceVersion: "42" },
  };
}

/** `created`, `counted`, or why it was dropped. */
const short = (outcome: RecordOutcome): string => (outcome.outcome === "dropped" ? outcome.why : outcome.outcome);
const told = ({ events }: EventShelf): string[] => events.map(({ message = "", count }) => `${message} x${count}`);
const dropped = (more: object) => ({
  ...{ "queue-full": 0, throttled: 0, "not-found": 0, refused: 0, "gave-up": 0, closed: 0 },
  ...more,
});

describe("an event", () => {
  test("says who, what and about which object, and is as the server has it", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf, {
      component: "scaler",
      labels: { team: "a" },
      annotations: { "example.com/a": "1" },
    });
    const outcome = await recorder.record(pod("ui"), { what: "ScaledUp", message: "From 2 to 3", action: "Scale" });
    const [event] = shelf.events;
    expect(outcome).toEqual({ outcome: "created", event });
    expect(event).toEqual({
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        name: expect.stringMatching(/^ui\.[a-z0-9]{24}$/),
        namespace: "prod",
        uid: "uid-100",
        resourceVersion: "101",
        labels: { team: "a" },
        annotations: { "example.com/a": "1" },
      },
      involvedObject: {
        apiVersion: "v1",
        kind: "Pod",
        name: "ui",
        namespace: "prod",
        uid: "uid-ui",
        resourceVersion: "42",
      },
      reason: "ScaledUp",
      message: "From 2 to 3",
      type: "Normal",
      action: "Scale",
      source: { component: "scaler", host: "laptop" },
      reportingComponent: "scaler",
      reportingInstance: "laptop",
      firstTimestamp: start,
      lastTimestamp: start,
      count: 1,
    });
  });

  test("may be about what another event is about", async () => {
    const shelf = eventShelf();
    const { involvedObject } = {
      involvedObject: { apiVersion: "v1", kind: "Pod", name: "ui", namespace: "prod", uid: "u" },
    };
    await recorderOn(shelf).record({ ...involvedObject, fieldPath: "spec.containers{ui}" }, started);
    expect(shelf.events[0]?.involvedObject).toEqual({ ...involvedObject, fieldPath: "spec.containers{ui}" });
  });

  test("is of a preset, whose component counts", async () => {
    const shelf = eventShelf();
    await recorderOn(shelf, { component: "releaser" }).record(pod("ui"), { what: "rolled-back" });
    expect(shelf.events[0]).toMatchObject({ reason: "RolledBack", type: "Warning", source: { component: "releaser" } });
  });
});

describe("repeats", () => {
  test("at the same moment are one write", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    const outcomes = await Promise.all([1, 2, 3].map(() => recorder.record(pod("ui"), started)));
    expect(outcomes.map(short)).toEqual(["created", "created", "created"]);
    expect([told(shelf), shelf.writes.length]).toEqual([[" x3"], 1]);
    expect(recorder.counts).toMatchObject({ recorded: 3, created: 1, counted: 2, waiting: 0 });
  });

  test("later are counted on the event that is there, and nothing else of it changes", async () => {
    const shelf = eventShelf();
    const clock = fakeClock(start);
    const recorder = recorderOn(shelf, { clock });
    await recorder.record(pod("ui"), { ...started, message: "again" });
    await clock.sleep(60_000);
    const outcome = await recorder.record(pod("ui"), { ...started, message: "again" });
    const [event] = shelf.events;
    expect(outcome).toEqual({ outcome: "counted", event });
    expect(shelf.writes.map((write) => write.replaceAll(/ui\.\w+/g, "NAME"))).toEqual([
      "POST NAME",
      `PATCH NAME {"count":2,"message":"again","firstTimestamp":"${start}","lastTimestamp":"2026-11-28T09:31:00Z"}`,
    ]);
  });

  test("bring their labels and annotations", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    await recorder.record(pod("ui"), { ...started, labels: { a: "1" }, annotations: { "x.io/y": "1" } });
    await recorder.record(pod("ui"), { ...started, labels: { b: "2" } });
    expect(shelf.events[0]?.metadata).toMatchObject({ labels: { a: "1", b: "2" }, annotations: { "x.io/y": "1" } });
  });

  test("of an event that has expired are a new one, of themselves", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    await recorder.record(pod("ui"), started);
    const [old] = shelf.events;
    shelf.expire();
    const outcome = await recorder.record(pod("ui"), started);
    expect(outcome).toMatchObject({ outcome: "created", event: { count: 1 } });
    expect(shelf.events[0]?.metadata.name).not.toBe(old?.metadata.name);
    await recorder.record(pod("ui"), started);
    expect(told(shelf)).toEqual([" x2"]);
  });

  test("of a key are counted with those of other processes", async () => {
    const shelf = eventShelf();
    const outage = { ...started, key: "outage" };
    const [one, other] = [recorderOn(shelf), recorderOn(shelf)];
    await one.record(pod("ui"), { ...outage, message: "first" });
    const outcomes = await Promise.all([
      other.record(pod("ui"), { ...outage, message: "second" }),
      other.record(pod("ui"), { ...outage, message: "third" }),
      one.record(pod("ui"), { ...outage, message: "third" }),
    ]);
    expect(outcomes.map(short)).toEqual(["counted", "counted", "counted"]);
    expect(told(shelf)).toEqual(["third x4"]);
  });

  test("of a key of which once is enough change nothing", async () => {
    const shelf = eventShelf();
    const [one, other] = [recorderOn(shelf), recorderOn(shelf)];
    const once = { ...started, key: "release-7", once: true };
    const outcomes = [
      ...(await Promise.all([one.record(pod("ui"), once), one.record(pod("ui"), once)])),
      await other.record(pod("ui"), once),
    ];
    expect(outcomes.map(short)).toEqual(["created", "created", "unchanged"]);
    expect(told(shelf)).toEqual([" x1"]);
    expect([one.counts, other.counts]).toMatchObject([
      { recorded: 2, created: 1, counted: 0, unchanged: 1, waiting: 0 },
      { recorded: 1, created: 0, counted: 0, unchanged: 1, waiting: 0 },
    ]);
  });

  test("with ten different messages are combined", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    for (let number = 1; number <= 11; number++)
      await recorder.record(pod("ui"), { ...started, message: `m${number}` });
    const own = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `m${number} x1`);
    expect(told(shelf)).toEqual([...own, "(combined from similar events): m11 x2"]);
  });

  test("beyond 25 of one object are throttled, until five minutes have passed", async () => {
    const shelf = eventShelf();
    const clock = fakeClock(start);
    const recorder = recorderOn(shelf, { clock });
    const record = async (): Promise<string> => short(await recorder.record(pod("ui"), started));
    for (let number = 1; number <= 25; number++) await record();
    expect(await record()).toBe("throttled");
    expect(short(await recorder.record(pod("ui"), { ...started, type: "Warning" }))).toBe("created");
    expect(short(await recorder.record(pod("db"), started))).toBe("created");
    await clock.sleep(300_000);
    expect([await record(), await record()]).toEqual(["counted", "throttled"]);
    expect(told(shelf)).toEqual([" x26", " x1", " x1"]);
    expect(recorder.counts).toEqual({
      ...{ recorded: 30, created: 3, counted: 25, unchanged: 0, waiting: 0, retries: 0 },
      dropped: dropped({ throttled: 2 }),
    });
  });
});

describe("while the server is away", () => {
  test("events wait, in the order of each object, and repeats are counted meanwhile", async () => {
    const shelf = eventShelf();
    const clock = handClock(start);
    const recorder = recorderOn(shelf, { clock, concurrency: 2 });
    shelf.fate = () => "away";
    const record = (name: string, message: string): Promise<RecordOutcome> =>
      recorder.record(pod(name), { ...started, message });
    const outcomes = [record("ui", "a"), record("ui", "b"), record("db", "c")];
    await clock.advance(20_000);
    outcomes.push(record("ui", "a"), record("ui", "b"), record("ui", "b"), record("db", "d"));
    await clock.advance(20_000);
    expect(recorder.counts).toMatchObject({ recorded: 7, created: 0, waiting: 7 });
    shelf.fate = undefined;
    shelf.writes.length = 0;
    await clock.advance(5_000);
    expect((await Promise.all(outcomes)).map(short)).toEqual([
      ...["created", "created", "created"],
      ...["counted", "created", "created", "created"],
    ]);
    // The first write of `a` was under way already: its repeat is a write of its own.
    expect(told(shelf).sort()).toEqual(["a x2", "b x3", "c x1", "d x1"]);
    const ofUi = shelf.writes.filter((write) => write.includes(" ui.")).map((write) => write.split(" ")[0]);
    expect(ofUi).toEqual(["POST", "POST", "PATCH"]);
    expect(recorder.counts).toMatchObject({ created: 4, counted: 3, waiting: 0 });
    expect(recorder.counts.retries).toBeGreaterThan(0);
  });

  test("no more may wait than the queue takes; repeats of what waits may", async () => {
    const shelf = eventShelf();
    const clock = handClock(start);
    const losses: LostRecord[] = [];
    const recorder = recorderOn(shelf, { clock, queueLimit: 2, onDropped: (lost) => losses.push(lost) });
    shelf.fate = () => "away";
    const outcomes = ["a", "b", "c", "b"].map((message) => recorder.record(pod("ui"), { ...started, message }));
    await settled();
    shelf.fate = undefined;
    await clock.advance(10_000);
    expect((await Promise.all(outcomes)).map(short)).toEqual(["created", "created", "queue-full", "created"]);
    const lost = {
      object: "Pod/ui",
      namespace: "prod",
      reason: "Started",
      message: "c",
      occurrences: 1,
      why: "queue-full",
    };
    expect(losses).toEqual([lost]);
    expect(await recorder.flush()).toEqual({ lost: [lost], waiting: [] });
    expect(await recorder.flush()).toEqual({ lost: [], waiting: [] });
  });

  test("an event whose object was looked up keeps its place, however full the queue is", async () => {
    const ui = { metadata: { name: "ui", namespace: "prod", uid: "uid-ui" } };
    const shelf = eventShelf({ "GET /api/v1/namespaces/prod/pods/ui": [ui] });
    const recorder = recorderOn(shelf, { queueLimit: 1, namespace: "prod" });
    expect(short(await recorder.record("pod/ui", started))).toBe("created");
  });

  const page = (httpStatus: number) => new ApiError({ httpStatus, request: "POST /x", bodyText: "<html>" });
  test.each<[what: string, error: ApiError]>([
    ["401, whose token is being renewed", apiError(401, "Unauthorized")],
    ["403, of a load balancer's page", page(403)],
    ["404, of a load balancer's page", page(404)],
  ])("events are sent again after a %s", async (_, error) => {
    const shelf = eventShelf();
    const clock = handClock(start);
    const recorder = recorderOn(shelf, { clock });
    shelf.fate = () => error;
    const [first, second] = ["first", "second"].map((message) => recorder.record(pod("ui"), { ...started, message }));
    await clock.advance(60_000);
    shelf.fate = undefined;
    await clock.advance(10_000);
    expect(short((await first) as RecordOutcome)).toBe("created");
    expect(short((await second) as RecordOutcome)).toBe("created");
    shelf.fate = () => error;
    const last = recorder.record(pod("ui"), { ...started, message: "last" });
    await clock.advance(610_000);
    expect(short(await last)).toBe("gave-up");
  });

  test("events are given up after ten minutes, each after its own", async () => {
    const shelf = eventShelf();
    const clock = handClock(start);
    const recorder = recorderOn(shelf, { clock });
    shelf.fate = () => "away";
    const first = recorder.record(pod("ui"), { ...started, message: "first" });
    await clock.advance(400_000);
    const second = recorder.record(pod("db"), { ...started, message: "second" });
    await clock.advance(400_000);
    expect(await first).toMatchObject({ outcome: "dropped", why: "gave-up", error: { kind: "unreachable" } });
    shelf.fate = undefined;
    await clock.advance(5_000);
    expect(short(await second)).toBe("created");
  });
});

test.each([
  ["a refused connection", "away"],
  ["503", busy()],
  ["429 without Retry-After", apiError(429, "TooManyRequests")],
  ["an answer that is lost", "lost"],
  ["a name that does not resolve", new UnreachableError("name", "no such host")],
  ["a load balancer's page", new BadAnswerError({ request: "POST", httpStatus: 200, problem: "without JSON: <html>" })],
] as const)("a write is sent again after %s, and is there once", async (_what, fate) => {
  const shelf = eventShelf();
  const recorder = recorderOn(shelf);
  const fates = [fate, "pass", fate, "pass"] as const;
  let number = 0;
  shelf.fate = (write) => (write.startsWith("GET") ? "pass" : (fates[number++] ?? "pass"));
  const outcomes = [await recorder.record(pod("ui"), started), await recorder.record(pod("ui"), started)];
  expect(outcomes.map(short)).toEqual(["created", "counted"]);
  expect(told(shelf)).toEqual([" x2"]);
  expect(recorder.counts.retries).toBe(2);
});

test("a server that has trouble with one object holds up no others", async () => {
  const shelf = eventShelf();
  const clock = handClock(start);
  const recorder = recorderOn(shelf, { clock, concurrency: 1 });
  shelf.fate = (_write, event) => (event.involvedObject?.name === "ui" ? apiError(500, "InternalError") : "pass");
  recorder.record(pod("ui"), started);
  expect(short(await recorder.record(pod("db"), started))).toBe("created");
  shelf.fate = undefined;
  await clock.advance(5_000);
  expect(told(shelf)).toEqual([" x1", " x1"]);
});

describe("what is refused", () => {
  test("is told, with the error, and nothing is tried again", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    shelf.fate = () => apiError(403, "Forbidden");
    const outcome = await recorder.record(pod("ui"), { ...started, message: "a" });
    expect(outcome).toMatchObject({ outcome: "dropped", why: "refused", error: { message: "Forbidden!" } });
    for (const message of ["b", "b"]) await recorder.record(pod("ui"), { ...started, message });
    expect(shelf.writes).toHaveLength(3);
    expect(await recorder.close()).toMatchObject({
      lost: [
        { object: "Pod/ui", reason: "Started", message: "a", occurrences: 1, why: "refused" },
        { object: "Pod/ui", reason: "Started", message: "b", occurrences: 2, why: "refused" },
      ],
      waiting: [],
    });
  });

  test("leaves the event that is there: it may be counted again when that is allowed", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    await recorder.record(pod("ui"), started);
    shelf.fate = () => apiError(403, "Forbidden");
    expect(short(await recorder.record(pod("ui"), started))).toBe("refused");
    shelf.fate = undefined;
    expect(short(await recorder.record(pod("ui"), started))).toBe("counted");
    expect(told(shelf)).toEqual([" x2"]);
  });
});

describe("an object that is named", () => {
  const deployments = "GET /apis/apps/v1/namespaces/default/deployments";
  const ui = { metadata: { name: "ui", namespace: "default", uid: "uid-ui", resourceVersion: "7" } };

  test("is looked up once for all that waits for it, and anew for what comes later", async () => {
    const shelf = eventShelf({ [`${deployments}/ui`]: [ui, { metadata: { ...ui.metadata, uid: "uid-new" } }] });
    const recorder = recorderOn(shelf);
    const named: RecordedObject[] = ["ui", "ui"];
    await Promise.all(named.map((object, number) => recorder.record(object, { ...started, message: `${number}` })));
    await recorder.record("ui", { ...started, message: "2" });
    expect(shelf.events.map(({ involvedObject, message }) => [involvedObject.uid, message])).toEqual([
      ["uid-ui", "0"],
      ["uid-ui", "1"],
      ["uid-new", "2"],
    ]);
    expect(shelf.asked).toEqual([`${deployments}/ui (metadata)`, `${deployments}/ui (metadata)`]);
  });

  test("may be one of a namespace, a container, or a reference", async () => {
    const spec = { containers: [{ name: "app" }] };
    const web = { metadata: { name: "web", namespace: "prod", uid: "uid-web" }, spec };
    const shelf = eventShelf({ "GET /api/v1/namespaces/prod/pods/web": [web, web, web] });
    const recorder = recorderOn(shelf, { namespace: "prod" });
    const content = { ...started, container: "app" };
    await recorder.record("pod/web", content);
    await recorder.record({ apiVersion: "v1", kind: "Pod", name: "web" }, content);
    expect(short(await recorder.record("pod/web", { ...started, container: "none" }))).toBe("refused");
    expect(shelf.events.map(({ involvedObject, count }) => [involvedObject.fieldPath, count])).toEqual([
      ["spec.containers{app}", 2],
    ]);
  });

  test("is asked for again while its server's name does not resolve", async () => {
    const shelf = eventShelf({ [`${deployments}/ui`]: [new UnreachableError("name", "no such host"), ui] });
    expect(short(await recorderOn(shelf).record("ui", started))).toBe("created");
  });

  test("that is not there is told so", async () => {
    const shelf = eventShelf({ [`${deployments}/gone`]: [notFound("deployments", "apps", "gone")] });
    const recorder = recorderOn(shelf);
    const outcome = await recorder.record("gone", started);
    expect(outcome).toMatchObject({ why: "not-found", error: { message: 'deployments.apps "gone" not found' } });
    expect(await recorder.flush()).toMatchObject({
      lost: [{ object: "gone", namespace: "default", why: "not-found" }],
    });
  });
});

describe("bad input is thrown at once, and counts nowhere:", () => {
  const list = { metadata: { name: "ui", uid: "u" } };
  const inNowhere = { apiVersion: "v1", kind: "Pod", metadata: { name: "ui", uid: "u" } };
  const event = { apiVersion: "v1", kind: "Event", name: "e", namespace: "prod", uid: "u" };
  const long = { what: "Started", message: "x".repeat(1_025) };
  test.each<[string, RecordedObject, RecordContent, string]>([
    ["a reason", pod("ui"), { what: "started" }, 'no such preset "started"'],
    ["a long message", pod("ui"), long, "message is 1025 bytes long, the limit is 1024"],
    ["a time", pod("ui"), { what: "Started", at: new Date("soon") }, "the time of the event is no time"],
    ["a type", pod("ui"), { what: "Started", type: "Error" }, 'type "Error" is not one of Normal, Warning'],
    [
      "a decision",
      pod("ui"),
      { what: "approve" },
      "a recorder writes no decisions (Approval): each is an event of its own",
    ],
    [
      "a decision's reason",
      pod("ui"),
      { what: "Approval" },
      "a recorder writes no decisions (Approval): each is an event of its own",
    ],
    ["an empty name", "pod/", started, '"pod/" names no object'],
    ["an item of a list", list, started, 'the object "ui" says no apiVersion or kind'],
    ["an object without a namespace", inNowhere, started, 'the object "ui" says no namespace'],
    ["an event about an event", event, started, "event/e is an event; kev writes none about events"],
  ])("%s", (_what, object, content, message) => {
    const recorder = recorderOn(eventShelf());
    expect(() => recorder.record(object, content)).toThrow(message);
    expect(recorder.counts.recorded).toBe(0);
  });

  test.each([
    [{ queueLimit: 0 }, "queueLimit is 0; it must be at least 1"],
    [{ concurrency: 0 }, "concurrency is 0; it must be at least 1"],
    [{ correlation: { burst: 0 } }, "burst is 0; it must be a number of at least 1"],
    [{ component: "my controller" }, 'component "my controller" is not a qualified name'],
    [{ instance: "x".repeat(129) }, "reportingInstance is 129 bytes long, the limit is 128"],
  ])("options %j", (options, message) => {
    expect(() => recorderOn(eventShelf(), options)).toThrow(message);
  });
});

describe("the end", () => {
  test("a flush waits until all is stored", async () => {
    const shelf = eventShelf();
    const recorder = recorderOn(shelf);
    for (let number = 0; number < 20; number++) recorder.record(pod(`p${number}`), started);
    expect(await recorder.flush()).toEqual({ lost: [], waiting: [] });
    expect(shelf.events).toHaveLength(20);
  });

  test("a flush that is aborted tells what waits, which goes on", async () => {
    const shelf = eventShelf();
    const clock = handClock(start);
    const recorder = recorderOn(shelf, { clock });
    shelf.fate = () => "away";
    const outcome = recorder.record(pod("ui"), { ...started, message: "a" });
    const abort = new AbortController();
    const flushing = recorder.flush({ signal: abort.signal });
    await clock.advance(1_000);
    abort.abort();
    const waiting = { object: "Pod/ui", namespace: "prod", reason: "Started", message: "a", occurrences: 1 };
    expect(await flushing).toEqual({ lost: [], waiting: [waiting] });
    shelf.fate = undefined;
    await clock.advance(5_000);
    expect(short(await outcome)).toBe("created");
  });

  test("a close gives up what is not stored in time, and says where it may have been stored all the same", async () => {
    const shelf = eventShelf({ "GET /apis/apps/v1/namespaces/default/deployments/ui": [busy(), busy(), busy()] });
    const clock = handClock(start);
    const recorder = recorderOn(shelf, { clock });
    shelf.fate = (_write, { involvedObject }) => (involvedObject?.name === "ui" ? "lost" : "away");
    const outcomes = [
      recorder.record(pod("ui"), { ...started, message: "a" }),
      recorder.record(pod("ui"), { ...started, message: "b" }),
      recorder.record(pod("db"), { ...started, message: "c" }),
      recorder.record("ui", { ...started, message: "d" }),
    ];
    await settled();
    shelf.fate = () => "away";
    await clock.advance(100);
    const report = await recorder.close({ signal: AbortSignal.abort() });
    expect((await Promise.all(outcomes)).map(short)).toEqual(["closed", "closed", "closed", "closed"]);
    const lost = report.lost.map(({ message, occurrences, error }) => [message, occurrences, error?.hint]);
    expect(lost.sort()).toEqual([
      ["a", 1, expect.stringMatching(/^it may have been stored all the same: kubectl get event ui\.\w+ -n prod$/)],
      ["b", 1, undefined],
      ["c", 1, undefined],
      ["d", 1, undefined],
    ]);
    expect(short(await recorder.record(pod("ui"), started))).toBe("closed");
    expect(recorder.counts).toMatchObject({ recorded: 5, waiting: 0, dropped: dropped({ closed: 5 }) });
    expect(clock.sleeping).toEqual([]);
  });
});
