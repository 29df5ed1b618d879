import { beforeEach, describe, expect, test } from "@jest/globals";
import { type HoldLeaseOptions, holdLease, type Leadership } from "../../src/kube/lease.ts";
import { KevError } from "../../src/util/errors.ts";
import { type ManualClock, manualClock } from "../support/manual-clock.ts";
import { type LeaseConnection, type LeaseServer, leaseServer } from "./lease-server.ts";
import { statusError } from "./scripted-connection.ts";

let clock: ManualClock;
let server: LeaseServer;
/** What has happened, with the seconds at which it did. */
let story: string[];

beforeEach(() => {
  clock = manualClock("2026-11-23T09:30:00Z");
  server = leaseServer();
  story = [];
});

const told = (text: string): void => void story.push(`${clock.elapsed() / 1_000}s ${text}`);

interface Candidate {
  readonly connection: LeaseConnection;
  readonly result: Promise<unknown>;
  leadership: Leadership | undefined;
  /** Lets `lead` end. */
  finish(value: unknown): void;
  readonly asked: AbortController;
}

/** Starts one that waits for the Lease and holds it until told to finish, or until it is lost. */
function start(
  identity: string,
  more: Partial<HoldLeaseOptions> = {},
  state: Partial<Pick<LeaseConnection, "state" | "fail">> = {},
): Candidate {
  const connection = Object.assign(server.connect(), state);
  const asked = new AbortController();
  let finish: (value: unknown) => void = () => undefined;
  const options: HoldLeaseOptions = {
    name: "router",
    namespace: "kev",
    identity,
    signal: asked.signal,
    clock,
    elapsed: clock.elapsed,
    random: () => 0,
    onWaiting: (holder) => told(`${identity} waits for ${holder}`),
    onFailed: (error, retryIn) => told(`${identity} failed (${String(error)}), again in ${retryIn / 1_000}s`),
    ...more,
  };
  const result = holdLease(connection, options, async (leadership) => {
    candidate.leadership = leadership;
    told(`${identity} leads, term ${leadership.term}`);
    leadership.signal.addEventListener("abort", () => told(`${identity} is to stop`));
    return new Promise((resolve) => {
      finish = resolve;
      leadership.signal.addEventListener("abort", () => resolve("stopped"));
    });
  });
  const outcome = (text: unknown): void => told(`${identity} ended: ${text}`);
  result.then(outcome, (error: unknown) => outcome(error instanceof KevError ? error.message : error));
  result.catch(() => undefined);
  const candidate: Candidate = {
    connection,
    result,
    asked,
    leadership: undefined,
    finish: (value) => finish(value),
  };
  return candidate;
}

describe("one alone", () => {
  test("makes the Lease, renews it, and gives it back when it is done", async () => {
    const a = start("a");
    await clock.advance(0);
    const spec = { holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 };
    const acquireTime = "2026-11-23T09:30:00.000000Z";
    expect(server.lease).toEqual({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name: "router", namespace: "kev", resourceVersion: "1" },
      spec: { ...spec, acquireTime, renewTime: acquireTime },
    });
    await clock.advance(4_000);
    expect(server.lease?.spec).toEqual({ ...spec, acquireTime, renewTime: "2026-11-23T09:30:04.000000Z" });
    a.finish("all done");
    await expect(a.result).resolves.toBe("all done");
    const ended = "2026-11-23T09:30:04.000000Z";
    expect(server.lease?.spec).toEqual({
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: ended,
      renewTime: ended,
      leaseTransitions: 0,
    });
    expect(a.connection.methods).toEqual(["GET", "POST", "PUT", "PUT", "PUT"]);
  });

  test("keeps it while it ends after it was asked to", async () => {
    const a = start("a");
    await clock.advance(0);
    a.leadership?.signal.addEventListener("abort", () => undefined);
    a.asked.abort(new Error("interrupted"));
    await expect(a.result).resolves.toBe("stopped");
    expect(a.leadership?.signal.reason).toEqual(new Error("interrupted"));
    expect(server.lease?.spec.holderIdentity).toBe("");
  });

  test("what it throws is thrown, and the Lease given back", async () => {
    const options = { name: "router", namespace: "kev", identity: "a", signal: new AbortController().signal, clock };
    const failed = holdLease(server.connect(), options, async () => {
      throw new Error("the disk is full");
    });
    await expect(failed).rejects.toThrow("the disk is full");
    expect(server.lease?.spec.holderIdentity).toBe("");
  });

  test("a renewal that was stored, but not answered, is found again", async () => {
    const a = start("a");
    await clock.advance(1_000);
    a.connection.state = "silent";
    await clock.advance(4_000);
    expect(server.lease?.spec.renewTime).toBe("2026-11-23T09:30:02.000000Z");
    a.connection.state = "up";
    await clock.advance(30_000);
    expect(story).toEqual(["0s a leads, term 0"]);
    expect(server.lease?.spec.holderIdentity).toBe("a");
  });

  test("what others write beside the holder is kept, and no reason to stop", async () => {
    start("a");
    await clock.advance(1_000);
    server.write((lease) => {
      lease.metadata.labels = { team: "sre" };
      lease.spec.strategy = "OldestEmulationVersion";
    });
    await clock.advance(30_000);
    expect(server.lease).toMatchObject({
      metadata: { labels: { team: "sre" } },
      spec: { holderIdentity: "a", strategy: "OldestEmulationVersion", renewTime: "2026-11-23T09:30:30.000000Z" },
    });
    expect(story).toEqual(["0s a leads, term 0"]);
  });
});

describe("two", () => {
  test("the second leads soon after the first has given it back, in a new term", async () => {
    const a = start("a");
    await clock.advance(1_000);
    start("b");
    await clock.advance(60_000);
    a.finish("done");
    await clock.advance(10_000);
    expect(story).toEqual([
      "0s a leads, term 0",
      "1s b waits for a",
      "61s a ended: done",
      // It looks every 2 s.
      "63s b leads, term 1",
    ]);
  });

  test("one that cannot renew is to stop before the other one can lead", async () => {
    const a = start("a");
    await clock.advance(1_000);
    start("b");
    await clock.advance(6_000);
    a.connection.state = "cut";
    await clock.advance(20_000);
    const failed = "a failed (UnreachableError: The connection was refused), again in 2s";
    expect(story).toEqual([
      "0s a leads, term 0",
      "1s b waits for a",
      ...[8, 10, 12, 14].map((second) => `${second}s ${failed}`),
      // 10 s after the last renewal that was taken, at 6 s.
      "16s a is to stop",
      "16s a ended: leadership was lost: the Lease kev/router could not be renewed for 10s",
      // It has seen that renewal at 7 s, and looks every 2 s.
      "23s b leads, term 1",
    ]);
  });

  test("that its requests get no answer makes no difference", async () => {
    const a = start("a");
    await clock.advance(1_000);
    start("b");
    await clock.advance(2_000);
    a.connection.state = "deaf";
    await clock.advance(30_000);
    expect(story.filter((line) => !line.includes("failed"))).toEqual([
      "0s a leads, term 0",
      "1s b waits for a",
      "12s a is to stop",
      "12s a ended: leadership was lost: the Lease kev/router could not be renewed for 10s",
      "19s b leads, term 1",
    ]);
    await expect(a.result).rejects.toMatchObject({ name: "LeaseLostError", exitCode: 1 });
  });

  test("the clock of the other says nothing: a time of renewal long past counts from when it was seen", async () => {
    start("old");
    await clock.advance(0);
    server.write(({ spec }) => {
      spec.holderIdentity = "stranger";
      spec.renewTime = "1999-01-01T00:00:00.000000Z";
      spec.leaseDurationSeconds = 60;
    });
    start("b", { onFailed: undefined });
    await clock.advance(120_000);
    expect(story).toEqual([
      "0s old leads, term 0",
      "0s b waits for stranger",
      "2s old is to stop",
      '2s old ended: leadership was lost: "stranger" holds the Lease kev/router',
      // The stranger's own 60 s.
      "60s b leads, term 1",
    ]);
  });

  test("who was quicker leads, when both find it free at once", async () => {
    start("a");
    start("b");
    await clock.advance(5_000);
    expect(story).toEqual(["0s a leads, term 0", "2s b waits for a"]);
  });

  test("a Lease that was deleted is nobody's", async () => {
    start("a");
    await clock.advance(1_000);
    server.remove();
    await clock.advance(5_000);
    expect(story.slice(1)).toEqual([
      "2s a is to stop",
      "2s a ended: leadership was lost: the Lease kev/router is gone",
    ]);
    expect(server.lease).toBeUndefined();
  });

  test("those who wait do not look all at once", async () => {
    start("a");
    await clock.advance(0);
    const b = start("b", { random: () => 0.5 });
    await clock.advance(32_000);
    // At 0 s, and every 3.2 s from then on.
    expect(b.connection.methods).toEqual(Array.from({ length: 11 }, () => "GET"));
  });
});

describe("what cannot be had", () => {
  test("ends waiting when the right is missing", async () => {
    const message = 'leases.coordination.k8s.io "router" is forbidden';
    const forbidden = statusError(403, { kind: "Status", reason: "Forbidden", message });
    await expect(start("a", {}, { fail: { method: "GET", error: forbidden } }).result).rejects.toBe(forbidden);
    await expect(start("b", {}, { fail: { method: "POST", error: forbidden } }).result).rejects.toBe(forbidden);
    expect(story).toHaveLength(2);
  });

  test("is waited for while the server cannot be reached, until the signal aborts", async () => {
    const a = start("a", {}, { state: "cut" });
    await clock.advance(3_000);
    expect(story).toEqual(
      [0, 2].map((second) => `${second}s a failed (UnreachableError: The connection was refused), again in 2s`),
    );
    a.asked.abort(new Error("interrupted"));
    await expect(a.result).rejects.toThrow("interrupted");
  });

  test("a Lease that cannot be given back runs out", async () => {
    const a = start("a");
    await clock.advance(1_000);
    a.connection.state = "cut";
    a.finish("done");
    await expect(a.result).resolves.toBe("done");
    expect(server.lease?.spec.holderIdentity).toBe("a");
  });
});
