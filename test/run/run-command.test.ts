import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { exitStatusOf } from "../../src/run/outcome.ts";
import { type EndedCommand, type RunCommandOptions, runCommand } from "../../src/run/run-command.ts";
import { deferred } from "../support/deferred.ts";
import { manualClock } from "../support/manual-clock.ts";
import { until } from "../support/until.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-run-test-"));
  await writeFile(join(folder, "plain.txt"), "no program\n");
  await writeFile(join(folder, "no-interpreter"), "#!/nonexistent/interpreter\n");
  await chmod(join(folder, "no-interpreter"), 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a command of a shell; its stdout is this process's, so that only stderr is written. */
async function run(
  command: string | [string, ...string[]],
  options: Partial<RunCommandOptions> = {},
): Promise<EndedCommand & { status: number; stderr: Buffer; log: string[] }> {
  const chunks: Uint8Array[] = [];
  const log: string[] = [];
  const ended = await runCommand({
    command: typeof command === "string" ? ["/bin/sh", "-c", command] : command,
    env: { PATH: process.env.PATH },
    cwd: folder,
    tailLines: 10,
    stderr: { write: async (bytes) => void chunks.push(bytes) },
    onBegin: () => log.push("begin"),
    whenEnded: async () => void log.push("end"),
    onImpatience: (signal) => log.push(`impatient ${signal}`),
    ...options,
  });
  return { ...ended, status: exitStatusOf(ended.outcome), stderr: Buffer.concat(chunks), log };
}

describe("how a command ended", () => {
  test.each([0, 1, 7, 125, 127, 255])("with exit status %i", async (code) => {
    const { outcome, status, log } = await run(`exit ${code}`);

    expect({ outcome, status, log }).toEqual({
      outcome: { kind: "exited", code },
      status: code,
      log: ["begin", "end"],
    });
  });

  test.each<[signal: NodeJS.Signals, status: number]>([
    ["SIGKILL", 137],
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ])("by %s", async (signal, status) => {
    const ended = await run(`kill -s ${signal.slice(3)} $$`);

    expect({ outcome: ended.outcome, status: ended.status }).toEqual({ outcome: { kind: "killed", signal }, status });
  });

  // As Node tells it: code 0, and no signal.
  test("by a real-time signal, which cannot be told from a success", async () => {
    const { outcome } = await run("kill -34 $$");

    expect(outcome).toEqual({ kind: "exited", code: 0 });
  });

  test.each<[program: string, status: number, problem: string]>([
    ["kev-no-such-command", 127, "command not found"],
    ["./missing", 127, "no such file or directory"],
    ["./no-interpreter", 127, "no such file or directory"],
    ["./plain.txt", 126, "permission denied"],
    [".", 126, "permission denied"],
  ])("%s does not begin", async (program, status, problem) => {
    const { outcome, log } = await run([program]);

    expect({ outcome, log }).toEqual({ outcome: { kind: "not-started", status, problem }, log: ["end"] });
  });

  test("with arguments that are too many does not begin", async () => {
    const { outcome } = await run(["/bin/true", ...Array.from({ length: 200 }, () => "x".repeat(100_000))]);

    expect(outcome).toEqual({ kind: "not-started", status: 126, problem: "argument list too long" });
  });

  test("is looked for in the PATH that it is given", async () => {
    const { status } = await run(["true"], { env: { PATH: "/nonexistent" } });

    expect(status).toBe(127);
  });
});

describe("its stderr", () => {
  test("is passed on byte by byte, and its last lines are kept", async () => {
    const bytes = randomBytes(3_000_000);
    await writeFile(join(folder, "bytes"), bytes);
    const { stderr, lines } = await run("cat bytes >&2; printf '\\none\\ntwo\\n' >&2", { tailLines: 2 });

    expect(stderr.equals(Buffer.concat([bytes, Buffer.from("\none\ntwo\n")]))).toBe(true);
    expect(lines).toEqual(["one", "two"]);
  });

  test("is a pipe that a script may open", async () => {
    const { stderr, status } = await run("echo opened > /dev/stderr");

    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: "opened\n" });
  });

  test("is a socket where no pipe can be made", async () => {
    const before = process.env.TMPDIR;
    process.env.TMPDIR = join(folder, "missing");
    try {
      const { stderr, lines } = await run("echo written >&2");

      expect({ stderr: stderr.toString(), lines }).toEqual({ stderr: "written\n", lines: ["written"] });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  test("waits for who reads it: nothing is read ahead", async () => {
    const gate = deferred();
    let written = 0;
    const running = run("head -c 10000000 /dev/zero >&2", {
      stderr: {
        write: async (bytes) => {
          written += bytes.length;
          await gate.promise;
        },
      },
    });
    await until(() => written > 0);
    const atGate = written;
    gate.resolve();
    await running;

    expect(atGate).toBeLessThanOrEqual(65_536);
    expect(written).toBe(10_000_000);
  });

  test("that nobody reads any more ends the command as it would without kev", async () => {
    const { outcome } = await run(["yes"], {
      command: ["/bin/sh", "-c", "exec yes >&2"],
      stderr: { write: async () => Promise.reject(new Error("EPIPE")) },
    });

    expect(outcome).toEqual({ kind: "killed", signal: "SIGPIPE" });
  });

  test("that another process still holds is not waited for", async () => {
    const { stderr, lines } = await run("sleep 30 & echo $! >&2");
    process.kill(Number(stderr.toString()), "SIGKILL");

    expect(lines).toEqual([stderr.toString().trim()]);
  });

  test("that another process writes to without end is not waited for", async () => {
    const { status } = await run("(yes >&2; echo gone > gone) & exit 3");

    expect(status).toBe(3);
    // Nobody reads on here, so that the other process ends of its next write.
    await until(() => existsSync(join(folder, "gone")));
  });

  test("is this process's own with no lines to keep", async () => {
    const { stderr, lines } = await run("true", { tailLines: 0 });

    expect({ stderr: stderr.toString(), lines }).toEqual({ stderr: "", lines: [] });
  });
});

describe("signals", () => {
  /** The signals of a process that nobody sends any but the test. */
  function signals(): Required<Pick<RunCommandOptions, "signals">> & {
    send(signal: NodeJS.Signals): void;
    taken: boolean;
  } {
    const state = {
      taken: false,
      send: (_signal: NodeJS.Signals): void => undefined,
      signals: {
        take: (_names: readonly NodeJS.Signals[], onSignal: (signal: NodeJS.Signals) => void) => {
          state.taken = true;
          state.send = onSignal;
          return () => {
            state.taken = false;
          };
        },
        raise: () => undefined,
      },
    };
    return state;
  }

  test("to this process alone reach the command", async () => {
    const process = signals();
    const wrote = deferred();
    const running = run("trap 'echo got TERM >&2; exit 5' TERM; echo ready >&2; while :; do sleep 0.05; done", {
      signals: process.signals,
      stderr: { write: async (bytes) => void (Buffer.from(bytes).includes("ready") && wrote.resolve()) },
    });
    await wrote.promise;
    process.send("SIGTERM");
    const { outcome, lines, log } = await running;

    expect({ outcome, lines, log }).toEqual({
      outcome: { kind: "exited", code: 5 },
      lines: ["ready", "got TERM"],
      log: ["begin", "end"],
    });
    expect(process.taken).toBe(false);
  });

  test("after the end: the first may be the one that ended it, the second gives up", async () => {
    const process = signals();
    const log: string[] = [];
    const clock = manualClock("2026-11-23T09:30:00Z");
    await run("true", {
      signals: process.signals,
      clock,
      whenEnded: async () => {
        for (const signal of ["SIGWINCH", "SIGINT", "SIGINT", "SIGUSR1", "later", "SIGINT"] as const) {
          log.push(signal);
          if (signal === "later") await clock.advance(1_000);
          else process.send(signal);
        }
      },
      onImpatience: (signal) => log.push(`impatient ${signal}`),
    });

    // Two that come together are those of timeout(1), or of npm.
    expect(log).toEqual(["SIGWINCH", "SIGINT", "SIGINT", "SIGUSR1", "later", "SIGINT", "impatient SIGINT"]);
  });

  test("are not taken before the command is there, and an end before that leaves it out", async () => {
    const process = signals();
    const running = run("true", { signals: process.signals, signal: AbortSignal.abort(new Error("over")) });

    await expect(running).rejects.toThrow("over");
    expect(process.taken).toBe(false);
  });
});
