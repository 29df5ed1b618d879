import { describe, expect, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import type { Connection } from "../../src/kube/connection.ts";
import type { RunWithEventsOptions } from "../../src/run/run-options.ts";
import { runWithEvents } from "../../src/run/run-with-events.ts";
import { notFound, type Script } from "../kube/scripted-connection.ts";
import { apiError, type ScriptedEvents, scriptedEvents } from "../record/scripted-events.ts";
import { deferred } from "../support/deferred.ts";
import { manualClock } from "../support/manual-clock.ts";

const deployments = "GET /apis/apps/v1/namespaces/default/deployments";
const object = (name: string) => ({ metadata: { name, namespace: "default", uid: `u-${name}`, resourceVersion: "1" } });
const ui: Script = { [`${deployments}/ui`]: [object("ui")] };

async function run(
  connection: ScriptedEvents | Error,
  options: Partial<RunWithEventsOptions> = {},
  connect = async (_signal: AbortSignal): Promise<Connection> => {
    if (connection instanceof Error) throw connection;
    return connection;
  },
) {
  const { outcome, events, lost, runId } = await runWithEvents(connect, {
    command: ["/bin/sh", "-c", "echo failing >&2; exit 3"],
    on: ["ui"],
    env: { PATH: process.env.PATH, DEPLOY_TOKEN: "hunter2" },
    stderr: { write: async () => undefined },
    clock: manualClock("2026-11-23T09:30:00Z"),
    hostName: () => "ci-runner-7",
    retryTimeout: 0,
    ...options,
  });
  return {
    outcome,
    runId,
    events: events.map(({ reason, message, metadata, involvedObject }) => ({
      reason,
      message,
      on: involvedObject.name,
      annotations: metadata.annotations,
    })),
    lost: lost.map(({ reason, error }) => `${reason}: ${error.message}`),
  };
}

describe("the events", () => {
  test("are two, tied together, the first one first", async () => {
    const connection = scriptedEvents(["stored", "stored"], ui);
    const { runId, ...result } = await run(connection, { reason: "Migration" });

    expect(result).toEqual({
      outcome: { kind: "exited", code: 3 },
      lost: [],
      events: [
        { reason: "MigrationStarted", message: "sh started", on: "ui", annotations: { "kev.dev/run-id": runId } },
        {
          reason: "MigrationFailed",
          message: "sh failed with exit status 3 after 0.0s: failing",
          on: "ui",
          annotations: { "kev.dev/run-id": runId, "kev.dev/exit-code": "3" },
        },
      ],
    });
    expect(connection.asked).toEqual([`${deployments}/ui (metadata)`]);
    // Readers show those of one second in the order of their names.
    const [first = "", last = ""] = connection.created.map(
      ({ body }) => (body as unknown as KubeEvent).metadata.name ?? "",
    );
    expect(first < last).toBe(true);
  });

  test("say what the flags say, and no secret", async () => {
    const connection = scriptedEvents(["stored", "stored"], ui);
    await run(connection, {
      command: ["/bin/sh", "-c", "echo got hunter2 pin=1234 swordfish >&2; exit 3"],
      masks: [{ pattern: "pin=(\\d+)", source: "--mask" }],
      secrets: ["swordfish"],
      showCommand: true,
      component: "ci",
      instance: "job-7",
      labels: { team: "ui" },
      annotations: { "example.com/job": "7" },
    });
    const line = "/bin/sh -c 'echo got *** pin=*** *** >&2; exit 3'";

    expect(connection.created.map(({ body }) => body)).toMatchObject([
      {
        metadata: { labels: { team: "ui" }, annotations: { "example.com/job": "7" } },
        message: `${line} started`,
        source: { component: "ci", host: "job-7" },
      },
      { message: `${line} failed with exit status 3 after 0.0s: got *** pin=*** ***` },
    ]);
  });

  test("are on each of the objects, and one that is not there does not keep them from the others", async () => {
    const script = {
      [`${deployments}/ui`]: [object("ui"), object("ui")],
      [`${deployments}/db`]: [notFound("deployments", "apps", "db"), notFound("deployments", "apps", "db")],
      "GET /apis/apps/v1/namespaces/default/deployments": [{ items: [] }, { items: [] }],
    };
    const { events, lost, outcome } = await run(scriptedEvents(["stored", "stored"], script), {
      command: ["true"],
      on: ["ui", "deploy/db"],
    });

    expect({ events: events.map(({ reason, on }) => `${reason} ${on}`), lost, outcome }).toEqual({
      events: ["CommandStarted ui", "CommandSucceeded ui"],
      lost: ['CommandStarted: deployments.apps "db" not found', 'CommandSucceeded: deployments.apps "db" not found'],
      outcome: { kind: "exited", code: 0 },
    });
  });

  test("of a command that does not begin are one", async () => {
    const { events, outcome } = await run(scriptedEvents(["stored"], ui), { command: ["kev-no-such-command", "x"] });

    expect(outcome).toEqual({ kind: "not-started", status: 127, problem: "command not found" });
    expect(events.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      "CommandFailed: kev-no-such-command could not be started: command not found",
    ]);
  });
});

describe("when events cannot be written", () => {
  test("the command runs all the same, and the loss is told", async () => {
    const { outcome, lost } = await run(new Error("no kubeconfig"));

    expect({ outcome, lost }).toEqual({
      outcome: { kind: "exited", code: 3 },
      lost: ["CommandStarted: no kubeconfig", "CommandFailed: no kubeconfig"],
    });
  });

  test("a refused first event does not keep the last one from being written", async () => {
    const { events, lost } = await run(scriptedEvents([apiError(403, "Forbidden"), "stored"], ui));

    expect({ events: events.map(({ reason }) => reason), lost }).toEqual({
      events: ["CommandFailed"],
      lost: ["CommandStarted: Forbidden!"],
    });
  });

  test("a server that does not answer holds up nothing but the end, and that for 10 s at least", async () => {
    const clock = manualClock("2026-11-23T09:30:00Z");
    const ended = deferred();
    let isOver = false;
    const connect = (signal: AbortSignal): Promise<Connection> =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const running = runWithEvents(connect, {
      ...{ command: ["true"], on: ["ui"], retryTimeout: 0, clock, onEnd: ended.resolve },
      stderr: { write: async () => undefined },
    }).finally(() => {
      isOver = true;
    });
    await ended.promise;
    await clock.advance(9_999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    const { lost, outcome } = await running;

    expect(outcome).toEqual({ kind: "exited", code: 0 });
    expect(lost.map(({ reason, error }) => `${reason}: ${error.message}`)).toEqual([
      "CommandStarted: the API server did not answer within 10s",
      "CommandSucceeded: the API server did not answer within 10s",
    ]);
  });
});

describe("with events required", () => {
  test("the first is stored before the command is run", async () => {
    const connection = scriptedEvents(["stored", "stored"], ui);
    const order: string[] = [];
    await run(connection, {
      command: ["/bin/sh", "-c", "echo ran >&2"],
      requireEvents: true,
      stderr: { write: async (bytes) => void order.push(`${Buffer.from(bytes)} after ${connection.created.length}`) },
    });

    expect(order).toEqual(["ran\n after 1"]);
  });

  test.each<[what: string, connection: ScriptedEvents | Error, problem: string]>([
    ["nobody can be asked", new Error("no kubeconfig"), "no kubeconfig"],
    ["it is refused", scriptedEvents([apiError(403, "Forbidden")], ui), "Forbidden!"],
    [
      "one of the objects is not there: nothing is written on the others",
      scriptedEvents([], {
        ...ui,
        [`${deployments}/db`]: [notFound("deployments", "apps", "db")],
        "GET /apis/apps/v1/namespaces/default/deployments": [{ items: [] }],
      }),
      'deployments.apps "db" not found',
    ],
  ])("nothing is run when %s", async (what, connection, problem) => {
    const on = what.startsWith("one of") ? ["ui", "db"] : ["ui"];
    const command: [string, ...string[]] = ["/bin/sh", "-c", "echo ran >&2"];
    const stderr = { write: async () => Promise.reject(new Error("It was run")) };

    await expect(run(connection, { requireEvents: true, on, command, stderr })).rejects.toThrow(problem);
  });

  test("where it is said on one object that it began, and cannot be on another, it is said that it did not", async () => {
    const script = { ...ui, [`${deployments}/db`]: [object("db")] };
    const connection = scriptedEvents(["stored", apiError(403, "Forbidden"), "stored", "stored"], script);

    await expect(run(connection, { requireEvents: true, on: ["ui", "db"] })).rejects.toThrow("Forbidden!");
    expect(connection.created.map(({ body }) => (body as unknown as KubeEvent).message)).toEqual([
      "sh started",
      "sh started",
      "sh could not be started: an event could not be written",
      "sh could not be started: an event could not be written",
    ]);
  });

  test("…also after the time is up for what may have been stored, by a connection of its own; if not, that is said", async () => {
    for (const isAway of [false, true]) {
      const clock = manualClock("2026-11-23T09:30:00Z");
      const connection = scriptedEvents(["stored"], ui);
      const hanging = deferred();
      let connections = 0;
      const connect = async (signal: AbortSignal): Promise<Connection> => {
        const isFirst = connections++ === 0;
        if (!isFirst && isAway) throw new Error("nobody there");
        const createNamespacedEventWithHttpInfo = (): Promise<never> =>
          new Promise((_, reject) => {
            signal.addEventListener("abort", () => reject(signal.reason));
            hanging.resolve();
          });
        const coreV1 = async () => ({ createNamespacedEventWithHttpInfo }) as never;
        return isFirst ? { ...connection, coreV1 } : connection;
      };
      const running = run(connection, { requireEvents: true, clock }, connect);
      const failed = running.catch((error: unknown) => error);
      await hanging.promise;
      await clock.advance(10_000);
      expect(await failed).toMatchObject({
        message: "the API server did not answer within 10s",
        hint: expect.stringMatching(
          isAway
            ? /stored all the same: .*\nthat the command was not run could not be written: nobody there$/
            : /default$/,
        ),
      });
      expect(connection.created.map(({ body }) => (body as unknown as KubeEvent).message)).toEqual(
        isAway ? [] : ["sh could not be started: an event could not be written"],
      );
    }
  });

  test("an end before the command ends everything", async () => {
    const connect = (signal: AbortSignal): Promise<Connection> =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const interrupt = new AbortController();
    const running = runWithEvents(connect, {
      ...{ command: ["true"], on: ["ui"], requireEvents: true, signal: interrupt.signal },
    });
    interrupt.abort(new Error("interrupted"));

    await expect(running).rejects.toThrow("interrupted");
  });
});

test.each<[wrong: Partial<RunWithEventsOptions>, problem: string]>([
  [{ on: [] }, "no object was named that the events are about"],
  [{ command: [""] }, "the command is empty"],
  [
    { reason: "BackupFailed" },
    "the reason BackupFailed would become BackupFailedStarted, BackupFailedSucceeded and BackupFailedFailed",
  ],
  [{ labels: { "-": "x" } }, 'label key "-" is not a qualified name'],
  [
    { annotations: { "kev.dev/run-id": "mine" } },
    'annotations under kev.dev/ are kev\'s own, and "kev.dev/run-id" is one',
  ],
  [{ message: "x".repeat(800) }, "message is 800 bytes long, the limit is 768 here"],
])("%j is refused before anything is run or asked", async (wrong, problem) => {
  await expect(run(new Error("It was asked"), wrong)).rejects.toThrow(problem);
});
