import { expect, test } from "@jest/globals";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { createRunEvents } from "../../src/run/run-events.ts";
import { scriptedEvents } from "../record/scripted-events.ts";
import { fakeClock } from "../support/fake-clock.ts";

const object = { metadata: { name: "ui", namespace: "default", uid: "u" } };
const away = (): Error => new UnreachableError("refused", "The connection was refused");

test("an outage at the beginning takes nothing of the time for the last event; in the end the connection is closed", async () => {
  const connection = scriptedEvents([away(), away(), away(), away(), "stored"], {
    "GET /apis/apps/v1/namespaces/default/deployments/ui": [object],
  });
  let closed = 0;
  const clock = fakeClock("2026-11-28T09:30:00Z");
  const options = { command: ["true"], on: ["ui"], retryTimeout: 900, clock, random: () => 0.999 } as const;
  const { write, close } = createRunEvents(
    async () => ({ ...connection, close: () => void closed++ }),
    { ...options, command: [...options.command] },
    new AbortController().signal,
  );
  const content = { what: "Command", type: "Normal", message: "m", own: {} } as const;
  const first = await write({ ...content, step: 0 }, clock.now());
  const last = await write({ ...content, step: 1 }, clock.now());
  close();

  expect([first.events.length, first.errors.length, last.events.length, last.errors.length]).toEqual([0, 1, 1, 0]);
  expect(closed).toBe(1);
});
