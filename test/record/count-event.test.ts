import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { countEvent, occurrencesAnnotation } from "../../src/record/count-event.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { apiError, conflict, eventGone, scriptedEvents } from "./scripted-events.ts";

const event: KubeEvent = {
  kind: "Event",
  metadata: { name: "db.k", namespace: "prod" },
  involvedObject: { kind: "StatefulSet", name: "db" },
  message: "No space left",
  count: 1,
  lastTimestamp: "2026-11-23T09:30:00Z",
};
const get = "GET /api/v1/namespaces/prod/events/db.k";
const patch = "PATCH /api/v1/namespaces/prod/events/db.k?fieldManager=kev";
const cut = (): UnreachableError => new UnreachableError("cut", "Unable to connect to the server: EOF");
const exists = (): Error => conflict("AlreadyExists");

function stored(count: number, resourceVersion: string, ...occurrences: string[]): KubeEvent {
  const annotations = { [occurrencesAnnotation]: occurrences.join(",") };
  return { ...event, count, metadata: { ...event.metadata, resourceVersion, annotations } };
}

const options = {
  occurrence: "o9",
  retry: { timeout: 30_000, clock: fakeClock("2026-11-23T09:30:00Z"), random: () => 0 },
};

describe("countEvent", () => {
  test("the first occurrence creates it", async () => {
    const connection = scriptedEvents(["stored"]);
    const { outcome, event: created } = await countEvent(connection, event, options);
    expect(outcome).toBe("created");
    expect(created.metadata.annotations).toEqual({ [occurrencesAnnotation]: "o9" });
  });

  test("another counts it up, on the version that was read", async () => {
    const after = stored(4, "6", "o8", "o9");
    const connection = scriptedEvents([exists()], { [get]: [stored(3, "5", "o8")], [patch]: [after] });
    await expect(countEvent(connection, event, options)).resolves.toEqual({ outcome: "counted", event: after });
    expect(connection.requests[1]).toMatchObject({
      contentType: "application/merge-patch+json",
      body: {
        metadata: { resourceVersion: "5", annotations: { [occurrencesAnnotation]: "o8,o9" } },
        count: 4,
        lastTimestamp: "2026-11-23T09:30:00Z",
        message: "No space left",
      },
    });
  });

  test("several at once are counted with their first and last time; where it has to be created, with its own count", async () => {
    const several = {
      ...event,
      count: 9,
      firstTimestamp: "2026-11-23T09:20:00Z",
      lastTimestamp: "2026-11-23T09:40:00Z",
    };
    const connection = scriptedEvents([exists(), exists(), "stored"], {
      [get]: [stored(3, "5", "o8"), stored(3, "6", "o8")],
      [patch]: [stored(7, "6", "o8", "o9"), eventGone()],
    });
    await countEvent(connection, several, { ...options, amount: 4 });
    const anew = await countEvent(connection, several, { ...options, amount: 4 });
    expect(anew).toMatchObject({ outcome: "created", event: { count: 9 } });
    expect(connection.requests[1]?.body).toMatchObject({
      ...{ count: 7, firstTimestamp: "2026-11-23T09:20:00Z", lastTimestamp: "2026-11-23T09:40:00Z" },
    });
  });

  test("a lost race reads it again", async () => {
    const after = stored(5, "7", "o8", "o7", "o9");
    const connection = scriptedEvents([exists()], {
      [get]: [stored(3, "5", "o8"), stored(4, "6", "o8", "o7")],
      [patch]: [conflict("Conflict"), after],
    });
    await expect(countEvent(connection, event, options)).resolves.toEqual({ outcome: "counted", event: after });
  });

  test("a PATCH whose answer was lost is not counted twice", async () => {
    const after = stored(4, "6", "o8", "o9");
    const connection = scriptedEvents([exists()], { [get]: [stored(3, "5", "o8"), after], [patch]: [cut()] });
    await expect(countEvent(connection, event, options)).resolves.toEqual({ outcome: "counted", event: after });
  });

  test("nor a POST", async () => {
    const after = stored(1, "1", "o9");
    const connection = scriptedEvents([cut(), exists()], { [get]: [after] });
    await expect(countEvent(connection, event, options)).resolves.toEqual({ outcome: "created", event: after });
  });

  test("one that expired meanwhile is created anew", async () => {
    const connection = scriptedEvents([exists(), "stored"], { [get]: [stored(3, "5")], [patch]: [eventGone()] });
    await expect(countEvent(connection, event, options)).resolves.toMatchObject({ outcome: "created" });
  });

  test("once: one that is there is enough", async () => {
    const found = stored(3, "5", "o8");
    const connection = scriptedEvents([exists()], { [get]: [found] });
    await expect(countEvent(connection, event, { ...options, once: true })).resolves.toEqual({
      outcome: "unchanged",
      event: found,
    });
  });

  test("remembers the last 128 occurrences", async () => {
    const many = Array.from({ length: 140 }, (_, index) => `o${index + 100}`);
    const connection = scriptedEvents([exists()], { [get]: [stored(140, "5", ...many)], [patch]: [stored(141, "6")] });
    await countEvent(connection, event, options);
    const body = connection.requests[1]?.body as KubeEvent | undefined;
    expect(body?.metadata.annotations?.[occurrencesAnnotation]?.split(",")).toEqual([...many.slice(13), "o9"]);
  });

  test("lost races need no time for retries", async () => {
    const race = [conflict("Conflict"), conflict("Conflict")];
    const reads = [stored(3, "5"), stored(4, "6"), stored(5, "7")];
    const connection = scriptedEvents([exists()], { [get]: reads, [patch]: [...race, stored(6, "8", "o9")] });
    const hasty = { ...options, retry: { ...options.retry, timeout: 0 } };
    await expect(countEvent(connection, event, hasty)).resolves.toMatchObject({ outcome: "counted" });
  });

  test.each([
    ["2026-11-23T09:00:00Z", { firstTimestamp: "2026-11-23T09:00:00Z", lastTimestamp: "2026-11-23T09:20:00Z" }],
    ["2026-11-23T09:15:00Z", { firstTimestamp: "2026-11-23T09:10:00Z", lastTimestamp: "2026-11-23T09:20:00Z" }],
    ["2026-11-23T09:30:00Z", { firstTimestamp: "2026-11-23T09:10:00Z", lastTimestamp: "2026-11-23T09:30:00Z" }],
  ])("one of %s only widens the time from first to last", async (time, expected) => {
    const found = { ...stored(3, "5"), firstTimestamp: "2026-11-23T09:10:00Z", lastTimestamp: "2026-11-23T09:20:00Z" };
    const connection = scriptedEvents([exists()], { [get]: [found], [patch]: [stored(4, "6", "o9")] });
    await countEvent(connection, { ...event, firstTimestamp: time, lastTimestamp: time }, options);
    expect(connection.requests[1]?.body).toMatchObject(expected);
  });

  test("races lost too often are run again while there is time", async () => {
    const conflicts = Array.from({ length: 20 }, () => conflict("Conflict"));
    const reads = [...conflicts.map(() => stored(3, "5")), stored(23, "25")];
    const connection = scriptedEvents([exists()], { [get]: reads, [patch]: [...conflicts, stored(24, "26", "o9")] });
    await expect(countEvent(connection, event, options)).resolves.toMatchObject({ outcome: "counted" });
  });

  test("one that is told late leaves the newest message", async () => {
    const found = { ...stored(3, "5"), lastTimestamp: "2026-11-23T10:00:00Z" };
    const connection = scriptedEvents([exists()], { [get]: [found], [patch]: [stored(4, "6", "o9")] });
    await countEvent(connection, event, options);
    expect(connection.requests[1]?.body).not.toHaveProperty("message");
  });

  test("a race that is never won ends", async () => {
    const conflicts = Array.from({ length: 20 }, () => conflict("Conflict"));
    const connection = scriptedEvents([exists()], { [get]: conflicts.map(() => stored(3, "5")), [patch]: conflicts });
    const hasty = { ...options, retry: { ...options.retry, timeout: 0 } };
    await expect(countEvent(connection, event, hasty)).rejects.toThrow("Conflict!");
    expect(connection.unused()).toEqual([]);
  });

  test("an answer that is another object leaves open whether it is counted", async () => {
    const other = { kind: "Event", metadata: { name: "another" } };
    const connection = scriptedEvents([exists()], { [get]: [stored(3, "5")], [patch]: [other] });
    await expect(countEvent(connection, event, options)).rejects.toMatchObject({
      name: "BadAnswerError",
      hint: expect.stringMatching(/\nit may have been stored all the same: kubectl get event db\.k -n prod$/),
    });
  });

  test("a refusal is final", async () => {
    const connection = scriptedEvents([exists()], { [get]: [apiError(403, "Forbidden")] });
    await expect(countEvent(connection, event, options)).rejects.toThrow("Forbidden!");
  });
});
