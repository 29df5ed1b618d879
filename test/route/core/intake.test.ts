import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../../src/events/event.ts";
import { connect, type StreamingConnection } from "../../../src/kube/connect.ts";
import { createIntake, type Intake, type IntakeOptions, type IntakeStep } from "../../../src/route/core/intake.ts";
import type { Clock } from "../../../src/util/clock.ts";
import { type ApiStub, json, startApiStub } from "../../support/api-stub.ts";
import { settled } from "../../support/fake-clock.ts";
import { type RecordingObserver, recordingObserver } from "../../support/recording-observer.ts";

const start = Date.parse("2026-11-23T09:30:00Z");
const second = 1_000;
const minute = 60_000;

let stub: ApiStub;
let connection: StreamingConnection;
let now: number;
let ended: AbortController;
let observer: RecordingObserver;
let intake: Intake;
let groups: AsyncGenerator<readonly IntakeStep[], void>;
let steps: AsyncGenerator<IntakeStep, void>;

/** Time passes when the test says so, and by waits between tries. */
const clock: Clock = {
  now: () => new Date(now),
  sleep: async (milliseconds, signal) => {
    signal?.throwIfAborted();
    now += milliseconds;
  },
};

beforeEach(async () => {
  stub = await startApiStub();
  connection = await connect({ server: stub.url, env: {}, homeDir: "/nonexistent" });
  now = start;
  ended = new AbortController();
  observer = recordingObserver();
});
afterEach(async () => {
  ended.abort();
  await steps.return();
  connection.close();
  await stub.close();
});

function read(more: Partial<IntakeOptions> = {}): void {
  intake = createIntake(connection, {
    namespace: "prod",
    mark: undefined,
    aliveAt: undefined,
    listAtStart: false,
    clock,
    random: () => 1,
    observer,
    signal: ended.signal,
    ...more,
  });
  groups = intake.steps();
  steps = one(groups);
}

async function* one(all: AsyncGenerator<readonly IntakeStep[], void>): AsyncGenerator<IntakeStep, void> {
  for await (const group of all) yield* group;
}

/** The next step in short: `listed a 1`, `synced 10`, and behind it what is said of times, in seconds after the start. */
async function next(): Promise<string> {
  const { value, done } = await steps.next();
  if (done) return "end";
  const at = (time: number | undefined) => (time === undefined ? "?" : String((time - start) / second));
  if (value.type === "synced") {
    return `synced ${value.resourceVersion} alive ${at(value.aliveAt)} interrupted ${at(value.interruptedAt)}`;
  }
  const { name, resourceVersion } = value.event.metadata;
  return `${value.type === "event" ? value.change : value.type} ${name} ${resourceVersion} alive ${at(value.aliveAt)}`;
}
const aliveAt = () => intake.aliveAt !== undefined && (intake.aliveAt - start) / second;

const event = (name: string, resourceVersion: string) =>
  ({ metadata: { name, namespace: "prod", uid: `uid-${name}`, resourceVersion } }) as unknown as KubeEvent;
const list = (resourceVersion: string, items: KubeEvent[] = [], token?: string) =>
  json({ kind: "EventList", apiVersion: "v1", metadata: { resourceVersion, continue: token }, items });
const status = (code: number, reason: string) => ({ kind: "Status", status: "Failure", reason, message: reason, code });
const refusal = (code: number, reason: string) => json(status(code, reason), code);
const expired = { type: "ERROR", object: status(410, "Expired") };
const added = (name: string, version: string) => ({ type: "ADDED", object: event(name, version) });
const modified = (name: string, version: string) => ({ type: "MODIFIED", object: event(name, version) });
const deleted = (name: string, version: string) => ({ type: "DELETED", object: event(name, version) });

/** Prepares a watch that the test goes on with. */
function watch(...events: unknown[]): Promise<{ send(...more: unknown[]): void; end(): void; cut(): void }> {
  return new Promise((resolve) => {
    stub.next((response: ServerResponse) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      const send = (...more: unknown[]) => more.forEach((one) => void response.write(`${JSON.stringify(one)}\n`));
      send(...events);
      resolve({ send, end: () => response.end(), cut: () => response.destroy() });
    });
  });
}
/** The next step, which comes when the caller has waited for it for so many seconds, and this was done. */
async function nextAfter(seconds: number, act: () => void): Promise<string> {
  const pending = next();
  await settled();
  now += seconds * second;
  act();
  return pending;
}

describe("a first run", () => {
  test("lists, and is alive since the list was asked for", async () => {
    read();
    stub.next((response) => {
      now += 7 * second;
      list("10", [event("a", "3")], "t")(response);
    });
    stub.next(list("10", [event("b", "9")]));
    expect([await next(), await next(), aliveAt()]).toEqual(["listed a 3 alive ?", "listed b 9 alive ?", false]);
    expect(await next()).toBe("synced 10 alive 0 interrupted ?");
    const watching = watch(added("c", "11"));
    expect([await next(), aliveAt()]).toEqual(["added c 11 alive 0", 0]);
    await watching;
    expect(observer.told).toEqual([["listed", "start"]]);
    expect(intake.isWatching).toBe(true);
    expect(stub.requests.map(({ url }) => url)).toEqual([
      "/api/v1/namespaces/prod/events?limit=500",
      "/api/v1/namespaces/prod/events?limit=500&continue=t",
      expect.stringContaining("resourceVersion=10&"),
    ]);
  });

  test("throws what will never mend itself", async () => {
    read();
    stub.next(refusal(403, "Forbidden"));
    await expect(next()).rejects.toMatchObject({ kind: "refused" });
  });
});

describe("a watch", () => {
  /** A run that goes on from version 10, with a watch that has brought its first event. */
  async function resumed() {
    read({ mark: "10", aliveAt: start - minute });
    const watching = watch(added("a", "11"));
    expect([await next(), aliveAt()]).toEqual(["added a 11 alive -60", -60]);
    return watching;
  }

  test("proves nothing before it has caught up; then each change shows that it is alive", async () => {
    const watch = await resumed();
    expect(await nextAfter(9, () => watch.send(modified("a", "12")))).toBe("modified a 12 alive -60");
    expect(await nextAfter(1, () => watch.send(deleted("a", "13")))).toBe("deleted a 13 alive 10");
    // The caller has it when it asks for the next one.
    expect(aliveAt()).toBe(-60);
    const pending = next();
    await settled();
    expect(aliveAt()).toBe(10);
    watch.send(added("b", "14"));
    await pending;
  });

  test("that the server ends in time was alive until then", async () => {
    const ending = await resumed();
    const later = watch(added("b", "12"));
    expect(await nextAfter(60, ending.end)).toBe("added b 12 alive 60");
    await later;
    expect(aliveAt()).toBe(60);
  });

  test("that brings several at once was alive with the last of them", async () => {
    const standing = await resumed();
    expect(await nextAfter(20, () => standing.send(added("b", "12"), added("c", "13")))).toBe("added b 12 alive -60");
    expect(await next()).toBe("added c 13 alive 20");
  });

  test("that was held up by the caller was alive only before", async () => {
    const held = await resumed();
    expect(await nextAfter(20, () => held.send(added("b", "12")))).toBe("added b 12 alive 20");
    held.send(added("c", "13"));
    // The caller writes for two hours to a disk that is full.
    now += 120 * minute;
    expect(await next()).toBe("added c 13 alive 20");
    const gone = watch(expired);
    stub.next(list("50", [event("c", "13"), event("d", "40")]));
    expect(await nextAfter(0, held.end)).toBe("present c 13 alive 20");
    await gone;
    expect(await next()).toBe("listed d 40 alive 20");
    expect(await next()).toBe("synced 50 alive 7220 interrupted 20");
    expect(observer.told).toEqual([["listed", "expired"]]);
  });

  test("whose history is forgotten, though it never failed, is no interruption", async () => {
    const quiet = await resumed();
    const gone = watch(expired);
    stub.next(list("50"));
    expect(await nextAfter(60, quiet.end)).toBe("synced 50 alive 60 interrupted ?");
    await gone;
  });

  test("that failed is interrupted until another one stands", async () => {
    const failing = await resumed();
    expect(await nextAfter(20, () => failing.send(added("b", "12")))).toBe("added b 12 alive 20");
    stub.next(refusal(503, "ServiceUnavailable"));
    const gone = watch(added("c", "13"), expired);
    stub.next(list("50", [event("c", "13")]));
    expect(await nextAfter(10, failing.cut)).toBe("added c 13 alive 20");
    expect(intake.isWatching).toBe(true);
    await gone;
    expect(await next()).toBe("present c 13 alive 20");
    expect(await next()).toBe("synced 50 alive 30.75 interrupted 20");
    expect(observer.told).toEqual([
      ["disconnected", "watch", expect.any(String), 250],
      ["disconnected", "watch", expect.any(String), 500],
      ["reconnected"],
      ["listed", "expired"],
    ]);
  });

  test("goes on from a mark, in an interruption that began when the last run was alive", async () => {
    read({ mark: "10", aliveAt: start - 90 * minute });
    const gone = watch(expired);
    stub.next(list("50"));
    expect(await next()).toBe("synced 50 alive 0 interrupted -5400");
    await gone;
  });

  test("is not begun before a list where one is asked for", async () => {
    read({ mark: "10", aliveAt: start - minute, listAtStart: true });
    stub.next(list("50", [event("a", "9")]));
    expect([await next(), await next()]).toEqual(["listed a 9 alive -60", "synced 50 alive 0 interrupted -60"]);
  });
});

test("ends quietly when it is told to", async () => {
  read();
  stub.next(list("10"));
  await next();
  const watching = watch();
  const pending = next();
  await watching;
  ended.abort();
  expect(await pending).toBe("end");
});
