import { PassThrough } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { gatherChunks } from "../../../src/kube/list-watch/gather-chunks.ts";
import { deferred } from "../../support/deferred.ts";
import { type HandClock, handClock } from "../../support/fake-clock.ts";

let body: PassThrough;
let clock: HandClock;
let pieces: AsyncGenerator<Buffer, void>;

beforeEach(() => {
  body = new PassThrough();
  clock = handClock("2026-11-28T09:30:00Z");
});

function gather({ rest = 200, idle = 60_000, onIdle = (): void => undefined } = {}): void {
  pieces = gatherChunks(body, { rest, idle, onIdle, clock });
}

/** The next piece as text; undefined at the end. */
async function next(): Promise<string | undefined> {
  const { value, done } = await pieces.next();
  return done ? undefined : value.toString();
}

/** Long enough for streams to pass on what was written to them. */
async function passedOn(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

describe("without a rest", () => {
  test("each chunk comes at once, and nobody sleeps", async () => {
    gather({ rest: 0 });
    const first = next();
    body.write("a");
    expect(await first).toBe("a");
    body.end("b");
    expect([await next(), await next()]).toEqual(["b", undefined]);
    expect(clock.sleeping).toEqual([]);
  });

  test("what comes while nobody asks is not read beyond the stream's own buffer", async () => {
    body = new PassThrough({ highWaterMark: 10 });
    gather({ rest: 0 });
    const first = next();
    body.write("a");
    await first;
    // Half of it waits on the side where it is written, for room.
    const isRoom = ["12345678", "12345678", "12345678"].map((text) => body.write(text));
    await passedOn();
    expect(isRoom.at(-1)).toBe(false);
    expect(body.readableLength).toBeLessThan(24);
    expect(await next()).toBe("12345678".repeat(3));
  });
});

describe("with a rest", () => {
  test("the first comes at once; what comes in the rest after it comes together", async () => {
    gather();
    const first = next();
    body.write("a");
    expect(await first).toBe("a");
    let second: string | undefined;
    const reading = next().then((text) => {
      second = text;
    });
    await passedOn();
    body.write("b");
    await passedOn();
    body.write("c");
    await passedOn();
    expect(second).toBeUndefined();
    await clock.advance(1);
    await reading;
    expect(second).toBe("bc");
  });

  test.each([
    [1_024, 12.5],
    [16 * 1_024, 200],
    [63 * 1_024, 200],
  ])("after %d bytes it is %d ms", async (size, milliseconds) => {
    body = new PassThrough({ highWaterMark: 2 ** 20 });
    gather();
    const first = next();
    body.write("x".repeat(size));
    await first;
    const second = next();
    await passedOn();
    expect(clock.sleeping).toEqual([milliseconds]);
    body.end("y");
    await clock.advance(milliseconds);
    expect(await second).toBe("y");
  });

  test("there is none after what may be a backlog", async () => {
    body = new PassThrough({ highWaterMark: 2 ** 20 });
    gather();
    body.write("x".repeat(64 * 1_024));
    await next();
    const second = next();
    body.write("y");
    expect(await second).toBe("y");
    expect(clock.sleeping).toEqual([]);
  });

  test("a piece ends where it is large, though more is there", async () => {
    body = new PassThrough({ highWaterMark: 2 ** 20 });
    gather();
    const chunk = "x".repeat(64 * 1_024);
    for (let count = 0; count < 20; count++) body.write(chunk);
    const first = await next();
    expect(first?.length).toBeGreaterThanOrEqual(512 * 1_024);
    expect(first?.length).toBeLessThanOrEqual(20 * chunk.length);
  });

  test("an end that is seen ends it", async () => {
    gather();
    const first = next();
    body.write("a");
    await first;
    const last = next();
    await passedOn();
    body.destroy(new Error("cut"));
    await expect(last).rejects.toMatchObject({ kind: "unreachable" });
    expect(clock.sleeping).toEqual([]);
  });
});

describe("a body that is cut", () => {
  test("throws after all that came of it", async () => {
    gather({ rest: 0 });
    const first = next();
    body.write("a");
    await passedOn();
    body.destroy(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }));
    expect(await first).toBe("a");
    await expect(next()).rejects.toMatchObject({ kind: "unreachable" });
  });

  test("before anything came throws", async () => {
    gather();
    const first = next();
    body.destroy();
    await expect(first).rejects.toMatchObject({ kind: "unreachable" });
  });
});

test("who waits too long for a byte is told, and only who waits", async () => {
  const idle = deferred();
  gather({ rest: 0, idle: 20, onIdle: idle.resolve });
  const first = next();
  await idle.promise;
  body.write("a");
  expect(await first).toBe("a");
});

test("who leaves reads no more, and a later failure harms nobody", async () => {
  gather();
  const first = next();
  body.write("a");
  await first;
  await pieces.return();
  expect(body.listenerCount("data")).toBe(0);
  body.destroy(new Error("cut"));
  await passedOn();
  expect(clock.sleeping).toEqual([]);
});
