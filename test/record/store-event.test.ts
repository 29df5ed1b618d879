import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { storeEvent } from "../../src/record/store-event.ts";
import { InterruptedError } from "../../src/util/interrupted-error.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { apiError, conflict, scriptedEvents } from "./scripted-events.ts";

const event: KubeEvent = {
  apiVersion: "v1",
  kind: "Event",
  metadata: { name: "ui-server.x", namespace: "prod" },
  involvedObject: { kind: "Deployment", name: "ui-server" },
  reason: "Approval",
};
const path = "/api/v1/namespaces/prod/events/ui-server.x";
const cut = (): UnreachableError => new UnreachableError("cut", "Unable to connect to the server: EOF");
const refused = (): UnreachableError => new UnreachableError("refused", "The connection was refused");
const options = (timeout = 30_000) => ({
  retry: { timeout, clock: fakeClock("2026-11-23T09:30:00Z"), random: () => 0 },
});

describe("storeEvent", () => {
  test("creates it once", async () => {
    const connection = scriptedEvents(["stored"]);
    const stored = await storeEvent(connection, event, { ...options(), dryRun: true, fieldManager: "me" });
    expect(stored.metadata).toEqual({ ...event.metadata, uid: "event-uid", resourceVersion: "100" });
    expect(connection.created).toEqual([
      { namespace: "prod", body: event, fieldManager: "me", fieldValidation: "Strict", dryRun: "All" },
    ]);
  });

  test.each([
    ["a refused connection", refused()],
    ["429 without Retry-After", apiError(429, "TooManyRequests")],
    ["503", apiError(503, "ServiceUnavailable")],
    ["500", apiError(500, "InternalError")],
  ])("sends it again after %s", async (_what, failure) => {
    const connection = scriptedEvents([failure, failure, "stored"]);
    await expect(storeEvent(connection, event, options())).resolves.toMatchObject({ metadata: { uid: "event-uid" } });
  });

  test("waits as long as Retry-After says", async () => {
    const clock = fakeClock("2026-11-23T09:30:00Z");
    const connection = scriptedEvents([apiError(429, "TooManyRequests", 7), "stored"]);
    await storeEvent(connection, event, { retry: { timeout: 30_000, clock } });
    expect(clock.slept).toEqual([7_000]);
  });

  test.each([400, 401, 403, 404, 409, 422])("never after %d", async (httpStatus) => {
    const failure = apiError(httpStatus, "Refused");
    await expect(storeEvent(scriptedEvents([failure]), event, options())).rejects.toBe(failure);
  });

  test("meeting its own name after a retry means that it is stored", async () => {
    const stored = { ...event, metadata: { ...event.metadata, uid: "event-uid" } };
    const connection = scriptedEvents([cut(), conflict("AlreadyExists")], { [`GET ${path}`]: [stored] });
    await expect(storeEvent(connection, event, options())).resolves.toBe(stored);
  });

  test("…also where events may not be read", async () => {
    const script = { [`GET ${path}`]: [apiError(403, "Forbidden")] };
    await expect(
      storeEvent(scriptedEvents([cut(), conflict("AlreadyExists")], script), event, options()),
    ).resolves.toBe(event);
  });

  test("meeting its name at the first try is a failure: somebody else has it", async () => {
    await expect(storeEvent(scriptedEvents([conflict("AlreadyExists")]), event, options())).rejects.toThrow(
      "AlreadyExists!",
    );
  });

  test("says when a lost answer leaves open whether it is stored", async () => {
    const hint = "it may have been stored all the same: kubectl get event ui-server.x -n prod";
    await expect(storeEvent(scriptedEvents([cut()]), event, options(0))).rejects.toMatchObject({
      kind: "unreachable",
      hint,
    });
    const later = scriptedEvents([cut(), refused(), refused()]);
    await expect(storeEvent(later, event, options(300))).rejects.toMatchObject({
      message: "The connection was refused",
      hint,
    });
    await expect(storeEvent(scriptedEvents([refused()]), event, options(0))).rejects.toMatchObject({ hint: undefined });
  });

  test.each([
    { kind: "Status", status: "Success" },
    { kind: "Event", metadata: { name: "another" } },
    { kind: "Deployment", metadata: { name: "ui-server.x" } },
  ])("…and when the answer is another one: %j", async (answer) => {
    await expect(storeEvent(scriptedEvents([answer]), event, options())).rejects.toMatchObject({
      name: "BadAnswerError",
      hint: expect.stringMatching(/^the address may be .*\nit may have been stored all the same: /),
    });
  });

  test("…and when Ctrl-C came while it was on its way", async () => {
    const abort = new AbortController();
    const interrupted = new InterruptedError("SIGINT");
    const connection = scriptedEvents([interrupted]);
    const retry = { ...options().retry, signal: abort.signal };
    const storing = storeEvent(connection, event, { retry });
    abort.abort(interrupted);
    await expect(storing).rejects.toMatchObject({
      kind: "interrupted",
      message: "interrupted while an event was on its way",
      hint: "it may have been stored all the same: kubectl get event ui-server.x -n prod",
    });
  });
});
