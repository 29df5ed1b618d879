import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { main } from "../../src/cli/main.ts";
import type { ConnectOptions } from "../../src/kube/connect-options.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { notFound, type Script } from "../kube/scripted-connection.ts";
import { type ScriptedEvents, scriptedEvents } from "../record/scripted-events.ts";
import { deferred } from "../support/deferred.ts";
import { collectOutput, type FakeContext, fakeContext, stdinOf } from "../support/fake-context.ts";
import { manualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";

const deployments = "GET /apis/apps/v1/namespaces/default/deployments";
const ui: Script = { [`${deployments}/ui`]: [{ metadata: { name: "ui", namespace: "default", uid: "u" } }] };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-run-cli-"));
  await writeFile(join(folder, "kev.yaml"), "run: {mask: hunter2, tailLines: 1}\ndefaults: {retryTimeout: 0s}\n");
  await writeFile(join(folder, "wrong.yaml"), "run:\n  mask: '('\n");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What a command of kev comes to whose own part is run by a shell; its stdout is this process's and must stay silent. */
async function kevRun(
  flags: string,
  script: string,
  connection: ScriptedEvents | Error,
  parts: Partial<FakeContext> = {},
) {
  const raised: string[] = [];
  const context = fakeContext({
    env: { PATH: process.env.PATH },
    clock: manualClock("2026-11-23T09:30:00Z"),
    signals: { take: () => () => undefined, raise: (signal) => void raised.push(signal) },
    connect: async () => {
      if (connection instanceof Error) throw connection;
      return connection;
    },
    ...parts,
  });
  const words = script === "" ? [] : ["--", "/bin/sh", "-c", script];
  const code = await main(["run", ...flags.split(" "), ...words], context);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text, raised };
}

test("a command has its own stderr, and its exit status is kev's", async () => {
  const result = await kevRun("--on ui", "echo failing >&2; exit 3", scriptedEvents(["stored", "stored"], ui));

  expect(result).toEqual({ code: 3, stdout: "", stderr: "failing\n", raised: [] });
});

test("kev ends by the signal that ended the command, but for those that dump memory", async () => {
  const byTerm = await kevRun("--on ui", "kill -TERM $$", scriptedEvents(["stored", "stored"], ui));
  expect(byTerm).toEqual({ code: 143, stdout: "", stderr: "", raised: ["SIGTERM"] });

  const byQuit = await kevRun("--on ui", "ulimit -c 0; kill -ABRT $$", scriptedEvents(["stored", "stored"], ui));
  expect(byQuit).toEqual({ code: 134, stdout: "", stderr: "", raised: [] });
});

test("what could not be written is told behind what the command wrote, once for both events", async () => {
  const script = {
    [`${deployments}/uu`]: [notFound("deployments", "apps", "uu"), notFound("deployments", "apps", "uu")],
  };
  const { code, stderr } = await kevRun("--on uu", "sleep 0.2; echo mine >&2", scriptedEvents([], script));

  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: `mine
error: the events CommandStarted and CommandSucceeded were not written: Error from server (NotFound): deployments.apps "uu" not found
hint: looked in namespace default; -n names another
`,
  });
});

test("of what was sent and never answered it is not said that it was not written", async () => {
  const lost = () => new UnreachableError("cut", "Unable to connect to the server: EOF");
  const connection = scriptedEvents([lost(), lost()], ui);
  const { stderr } = await kevRun("--on ui --retry-timeout 0", "sleep 0.2", connection);
  const [first, last] = connection.created.map(({ body }) => body.metadata.name);

  expect(
    stderr,
  ).toBe(`error: the events CommandStarted and CommandSucceeded may not have been written: Unable to connect to the server: EOF
hint: it may have been stored all the same: kubectl get event ${first} -n default
it may have been stored all the same: kubectl get event ${last} -n default
`);
});

test("what a credential plug-in says waits while the command runs", async () => {
  const context = {
    connect: async ({ onPluginOutput }: ConnectOptions) => {
      onPluginOutput?.("log in again\n");
      return scriptedEvents(["stored", "stored"], { [`${deployments}/ui`]: [ui[`${deployments}/ui`]?.[0]] });
    },
  };
  const { stderr } = await kevRun("--on ui", "sleep 0.2; echo mine >&2", new Error("Not asked"), context);

  expect(stderr).toBe("mine\nlog in again\n");
});

test("who asks twice waits for no reader that is stuck, and nothing more is said to it", async () => {
  let send = (_signal: NodeJS.Signals): void => undefined;
  const raised: string[] = [];
  const stderr = Object.assign(collectOutput(), { send: () => new Promise<void>(() => undefined) });
  const running = kevRun("--on ui", "trap '' INT TERM; echo lost >&2; exit 3", new Error("no cluster"), {
    stderr,
    signals: {
      take: (_names, onSignal) => {
        send = onSignal;
        return () => undefined;
      },
      raise: (signal) => void raised.push(signal),
    },
  });
  let isOver = false;
  running.finally(() => {
    isOver = true;
  });
  await until(() => {
    // Of one signal that comes twice at once the second says nothing.
    send("SIGINT");
    send("SIGTERM");
    return isOver;
  });

  expect((await running).code).toBe(3);
  expect({ raised, text: stderr.text }).toEqual({ raised: ["SIGTERM"], text: "" });
});

test.each(["-n events run --on ui --tail-lines x", "--context emit run --on ui --tail-lines x", "-n events run --bad"])(
  "a failure of its own has an exit code of its own, whatever flags say: %s",
  async (words) => {
    expect(await main([...words.split(" "), "--", "true"], fakeContext())).toBe(125);
  },
);

test("a command that is not there", async () => {
  const connection = scriptedEvents(["stored"], ui);
  const { code, stderr } = await kevRun("--on ui -- kev-no-such-command x", "", connection);

  expect({ code, stderr }).toEqual({ code: 127, stderr: "error: cannot run kev-no-such-command: command not found\n" });
});

test("with --require-events nothing is run, and what is wrong is an error of kev's own", async () => {
  const result = await kevRun("--on ui --require-events", "echo ran >&2", new Error("no cluster"));

  expect(result).toEqual({ code: 125, stdout: "", stderr: "error: no cluster\n", raised: [] });
});

test("the config file has masks and lines, and flags win", async () => {
  const config = join(folder, "kev.yaml");
  const messages = async (flags: string): Promise<(string | undefined)[]> => {
    const connection = scriptedEvents(["stored", "stored"], ui);
    await kevRun(`--on ui --config ${config}${flags}`, "echo one >&2; echo two hunter2 pin >&2; exit 1", connection);
    return connection.created.map(({ body }) => body.message);
  };

  expect(await messages("")).toEqual(["sh started", "sh failed with exit status 1 after 0.0s: two *** pin"]);
  expect(await messages(" --tail-lines 2 --mask pin")).toEqual([
    "sh started",
    "sh failed with exit status 1 after 0.0s: one | two *** ***",
  ]);
  const { code, stderr } = await kevRun(`--on ui --config ${join(folder, "wrong.yaml")}`, "true", new Error("Asked"));
  expect({ code, stderr: stderr.replace(folder, "") }).toEqual({
    code: 125,
    stderr: "error: /wrong.yaml:2:9: ( is not a regular expression of RE2: missing closing ): `(`\n",
  });
});

test("the value of --token is a secret", async () => {
  const connection = scriptedEvents(["stored", "stored"], ui);
  await kevRun("--on ui --token abcdef123", "echo abcdef123 >&2; exit 1", connection);

  expect(connection.created.map(({ body }) => body.message)).toEqual([
    "sh started",
    "sh failed with exit status 1 after 0.0s: ***",
  ]);
});

test("at a terminal lines are kept where they are asked for", async () => {
  const connection = scriptedEvents(["stored", "stored"], ui);
  const stderr = collectOutput({ isTTY: true });
  await kevRun("--on ui --tail-lines 5", "echo piped >&2; exit 1", connection, { stderr });

  expect(stderr.text).toBe("piped\n");
  expect(connection.created.map(({ body }) => body.message)).toEqual([
    "sh started",
    "sh failed with exit status 1 after 0.0s: piped",
  ]);
});

test.each([
  ["", ["used by the command", "used by the command", undefined]],
  [" --require-events", [undefined, "used by the command", undefined]],
])("a credential plug-in may ask on stdin only while the command does not have it%s", async (flags, expected) => {
  let options: ConnectOptions = {};
  const log: (string | undefined)[] = [];
  const note = (): void => void log.push(options.stdinUsedBy);
  const wrote = deferred();
  const connected = deferred();
  const stderr = collectOutput();
  await kevRun(`--on ui${flags}`, "echo running >&2; exit 1", new Error("unused"), {
    stdin: { ...stdinOf(""), isTTY: true },
    stderr: {
      ...stderr,
      send: async () => {
        await connected.promise;
        note();
        wrote.resolve();
      },
    },
    connect: async (given) => {
      options = given;
      expect(given.stdinIsTTY).toBe(true);
      note();
      connected.resolve();
      return scriptedEvents(["stored", "stored"], ui);
    },
  });
  await wrote.promise;
  note();

  expect(log).toEqual(expected);
});

test.each(["1000", "100000", "-1", "1.5", "x", ""])(
  "--tail-lines=%s is refused, with what would be taken",
  async (text) => {
    const { code, stderr } = await kevRun(`--on ui --tail-lines=${text}`, "true", new Error("Asked"));

    expect({ code, stderr }).toEqual({
      code: 125,
      stderr: `error: invalid argument "${text}" for "--tail-lines" flag: it is a number from 0 to 999\n`,
    });
  },
);
