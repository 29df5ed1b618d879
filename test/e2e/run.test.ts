import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { KubeEvent } from "../../src/events/event.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installedKev, type Kev, nodeVersions } from "../support/packed-cli.ts";
import { openTerminal } from "../support/terminal.ts";
import { until } from "../support/until.ts";

jest.setTimeout(60_000);

const cluster = sharedControlPlane();

/** Tells of each signal, and ends of its own after SIGTERM, or as it is told to on stdin. */
const listener = `
for (const name of ["SIGINT", "SIGQUIT", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2"]) process.on(name, () => console.log("got " + name));
process.on("SIGTERM", () => { console.log("got SIGTERM"); process.exit(7); });
process.stdin.on("data", (typed) => process.exit(Number(typed)));
setInterval(() => undefined, 1000);
console.log([0, 1, 2].map((fd) => require("node:tty").isatty(fd)).join(" "), "ready");
`;

describe.each(nodeVersions)("kev run on $name", (node) => {
  let kev: Kev;
  let namespace: string;

  beforeAll(async () => {
    namespace = await uniqueNamespace("run");
    kev = await installedKev(
      node,
      await cluster.kubeconfigFor({ user: "admin", groups: ["system:masters"], namespace }),
    );
    await cluster.must("create", "configmap", "job", "-n", namespace);
    await writeFile(join(kev.folder, "listener.cjs"), listener);
  });

  /** What the events say whose reason begins so, in the order in which they were stored. */
  async function events(reason: string): Promise<string[]> {
    const { items } = JSON.parse(await cluster.must("get", "events", "-n", namespace, "-o", "json")) as {
      items: KubeEvent[];
    };
    return items
      .filter((event) => event.reason?.startsWith(reason))
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ type, reason, message }) => `${type} ${reason}: ${message?.replaceAll(/\d+(\.\d)?s/g, "TIME")}`);
  }

  test.each<[name: string, command: string, status: number, stderr: string, last: string]>([
    ["Zero", "true", 0, "", "Normal ZeroSucceeded: true succeeded after TIME"],
    ["One", "sh -c 'echo no >&2; exit 1'", 1, "no\n", "Warning OneFailed: sh failed with exit status 1 after TIME: no"],
    ["Kill", "sh -c 'kill -9 $$'", 137, "Killed\n", "Warning KillFailed: sh was ended by SIGKILL after TIME"],
    [
      "Missing",
      "kev-no-such-command",
      127,
      "error: cannot run kev-no-such-command: command not found\n",
      "Warning MissingFailed: kev-no-such-command could not be started: command not found",
    ],
    [
      "Text",
      "/etc/passwd",
      126,
      "error: cannot run /etc/passwd: permission denied\n",
      "Warning TextFailed: passwd could not be started: permission denied",
    ],
  ])("%s: %s ends with %i", async (reason, command, status, stderr, last) => {
    const result = await kev.shell(`kev run --on cm/job --reason ${reason} -- ${command}; echo $?`);

    expect(result).toEqual({ code: 0, stdout: `${status}\n`, stderr });
    const began = status < 126 || status > 127;
    const program = command.split(" ")[0];
    const first = `Normal ${reason}Started: ${program} started`;
    expect(await events(reason)).toEqual(began ? [first, last] : [last]);
  });

  test("without a server the command runs, and the loss is told at the end", async () => {
    const line =
      "kev run --on cm/job -s https://127.0.0.1:1 --retry-timeout 0 -- sh -c 'echo ran; echo mine >&2; exit 3'";

    expect(await kev.shell(line)).toEqual({
      code: 3,
      stdout: "ran\n",
      stderr:
        "mine\nerror: the events CommandStarted and CommandFailed were not written: The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
    });
  });

  test("with --require-events nothing is run then, and kev's own failure is 125", async () => {
    const flags = "--on cm/job --reason Required --require-events";
    const down = await kev.shell(`kev run ${flags} -s https://127.0.0.1:1 --retry-timeout 0 -- touch ran`);
    expect(down).toEqual({
      code: 125,
      stdout: "",
      stderr: "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n",
    });
    const refused = await kev.shell(`kev run ${flags} --as jane -- touch ran`);
    expect({ code: refused.code, line: refused.stderr.split("\n")[0] }).toEqual({
      code: 125,
      line: `Error from server (Forbidden): configmaps "job" is forbidden: User "jane" cannot get resource "configmaps" in API group "" in the namespace "${namespace}"`,
    });
    expect(existsSync(join(kev.folder, "ran"))).toBe(false);
    expect(await events("Required")).toEqual([]);

    expect((await kev.shell(`kev run ${flags} -- touch ran`)).code).toBe(0);
    expect(existsSync(join(kev.folder, "ran"))).toBe(true);
    expect((await kev.shell("kev run --on cm/job --no-such-flag -- true")).code).toBe(125);
  });

  test("50 MB of any bytes go through stdin, stdout and stderr unchanged, past a reader that starts late", async () => {
    const { stderr, stdout, code } = await kev.shell(`head -c 50000000 /dev/urandom > bytes
kev run --on cm/job -- cat < bytes | (sleep 0.5; cat) | cmp - bytes && echo stdout
kev run --on cm/job -- sh -c 'cat >&2' < bytes 2>&1 >/dev/null | (sleep 0.5; cat) | cmp - bytes && echo stderr
rm bytes`);

    expect({ stderr, stdout, code }).toEqual({ stderr: "", stdout: "stdout\nstderr\n", code: 0 });
  });

  test("endless output ends when its reader has gone, and with it the command", async () => {
    const { stdout } = await kev.shell(`kev run --on cm/job --reason Out -- yes | head -n 2
kev run --on cm/job --reason Err -- sh -c 'exec yes >&2' 2>&1 >/dev/null | head -n 2`);

    expect(stdout).toBe("y\ny\ny\ny\n");
    const ys = Array.from({ length: 10 }, () => "y").join(" | ");
    expect(await events("Out")).toContain("Warning OutFailed: yes was ended by SIGPIPE after TIME");
    expect(await events("Err")).toContain(`Warning ErrFailed: sh was ended by SIGPIPE after TIME: ${ys}`);
  });

  test("what a process that the command leaves behind writes comes still, and kev does not wait for it", async () => {
    const { stdout } = await kev.shell(
      "{ kev run --on cm/job -- sh -c '(sleep 2; echo late >&2)& echo early > /dev/stderr'; echo back >&2; } 2>&1 | cat",
    );

    expect(stdout).toBe("early\nback\nlate\n");
  });

  test("secrets are in no event", async () => {
    const script = "echo $DEPLOY_TOKEN postgres://u:pass-word@db pin=1234 >&2; exit 1";
    const { stderr } = await kev.with(
      { env: { DEPLOY_TOKEN: "hunter2hunter2" } },
      ...["run", "--on", "cm/job", "--reason", "Secret", "--mask", "pin=(\\d+)", "--show-command"],
      ...["--", "sh", "-c", script, "hunter2hunter2"],
    );

    expect(stderr).toBe("hunter2hunter2 postgres://u:pass-word@db pin=1234\n");
    const line = "sh -c 'echo $DEPLOY_TOKEN postgres://u:***@db pin=*** >&2; exit 1' ***";
    expect(await events("Secret")).toEqual([
      `Normal SecretStarted: ${line} started`,
      `Warning SecretFailed: ${line} failed with exit status 1 after TIME: *** postgres://u:***@db pin=***`,
    ]);
  });

  test("a secret is in no event, however much is written around it", async () => {
    const { code } = await kev.with(
      { env: { LONG_SECRET: "0123456789ABCDEF".repeat(108) } },
      ...["run", "--on", "cm/job", "--reason", "Long", "-q", "--", "node", "-e"],
      "for (let i = 0; i < 60; i++) console.error('cannot parse ' + process.env.LONG_SECRET); process.exitCode = 1",
    );

    expect(code).toBe(1);
    const [, failed] = await events("Long");
    expect(failed).toMatch(
      /^Warning LongFailed: node failed with exit status 1 after TIME: cannot parse \*\*\*( \| cannot parse \*\*\*)+$/,
    );
  });

  test("timeout(1), which sends its signal twice, loses no event", async () => {
    const { code } = await kev.shell("timeout 2 kev run --on cm/job --reason Late -- sh -c 'yes aaa >&2' 2>/dev/null");

    expect(code).toBe(124);
    expect((await events("Late")).map((line) => line.split(" after")[0])).toEqual([
      "Normal LateStarted: sh started",
      "Warning LateFailed: sh was ended by SIGTERM",
    ]);
  });

  test("a signal to kev alone reaches the command, once", async () => {
    const running = kev.start({}, "run", "--on", "cm/job", "--reason", "Alone", "--", "node", "listener.cjs");
    await until(() => running.output.stdout.includes("ready"));
    let expected = "false false false ready\n";
    for (const signal of [
      "SIGINT",
      "SIGHUP",
      "SIGUSR1",
      "SIGINT",
      "SIGALRM",
      "SIGUSR2",
      "SIGQUIT",
      "SIGTERM",
    ] as const) {
      running.kill(signal);
      expected += `got ${signal}\n`;
      await until(() => running.output.stdout.length >= expected.length);
    }

    expect(await running.ended).toEqual({ code: 7, stdout: expected, stderr: "" });
    expect(await events("Alone")).toEqual([
      "Normal AloneStarted: node started",
      "Warning AloneFailed: node failed with exit status 7 after TIME",
    ]);
  });

  test("Ctrl-C in a terminal reaches the command once, and the terminal is the command's", async () => {
    const line = "trap : QUIT; kev run --on cm/job --reason Keys -- node listener.cjs; echo status $?";
    const terminal = openTerminal(line, { env: kev.env, cwd: kev.folder });
    await terminal.shows("true true true ready\n");
    terminal.type("\x03");
    await terminal.shows("got SIGINT\n");
    terminal.type("\x1c");
    await terminal.shows("got SIGQUIT\n");
    terminal.type("\x03");
    await until(() => terminal.shown.split("got SIGINT\n").length > 2);
    terminal.type("5\n");
    await terminal.ended;

    // The terminal shows the keys, too.
    expect(terminal.shown.replaceAll(/\^[C\\]/g, "")).toBe(
      "true true true ready\ngot SIGINT\ngot SIGQUIT\ngot SIGINT\n5\nstatus 5\n",
    );
  });

  test("Ctrl-C in a terminal that ends the command ends the script, and the event is written", async () => {
    const line = "kev run --on cm/job --reason Ended -- sh -c 'echo ready; exec sleep 30'; echo not reached";
    const terminal = openTerminal(line, { env: kev.env, cwd: kev.folder });
    await terminal.shows("ready\n");
    terminal.type("\x03");
    await terminal.ended;

    expect(terminal.shown).not.toContain("not reached");
    expect(await events("Ended")).toEqual([
      "Normal EndedStarted: sh started",
      "Warning EndedFailed: sh was ended by SIGINT after TIME",
    ]);
  });
});
