import { type ChildProcess, spawn } from "node:child_process";
import { notStarted, type Outcome } from "./outcome.ts";

/** A command that was started, or could not be. */
export interface StartedCommand {
  /** False when it did not begin. */
  readonly began: Promise<boolean>;
  /** What is left behind may still run, and hold what it inherited. */
  readonly ended: Promise<Outcome>;
  /** Its stderr, where that was to be `pipe`. */
  readonly stderr: ChildProcess["stderr"];
  /** Sends it a signal, if it is still there. */
  kill(signal: NodeJS.Signals): void;
}

export interface StartCommandOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  /** A file descriptor, `inherit` for this process's, or `pipe`. Its stdin and stdout are this process's. */
  readonly stderr: number | "inherit" | "pipe";
}

/** Starts a program, which is looked for in the PATH of `env`. Never throws; the outcome tells. */
export function startCommand(
  [program, ...args]: readonly [string, ...string[]],
  { env, cwd, stderr }: StartCommandOptions,
): StartedCommand {
  let child: ChildProcess;
  try {
    child = spawn(program, args, { env: { ...env }, cwd, stdio: ["inherit", "inherit", stderr] });
  } catch (error) {
    return {
      began: Promise.resolve(false),
      ended: Promise.resolve(notStarted(program, error)),
      stderr: null,
      kill: () => undefined,
    };
  }
  const began = new Promise<boolean>((resolve) => {
    child.once("spawn", () => resolve(true));
    child.once("error", () => resolve(false));
  });
  const ended = new Promise<Outcome>((resolve) => {
    // Later ones say that it may not be sent a signal: it runs as somebody else.
    child.on("error", (error) => {
      if (child.pid === undefined) resolve(notStarted(program, error));
    });
    child.once("exit", (code, signal) =>
      resolve(signal === null ? { kind: "exited", code: code ?? 0 } : { kind: "killed", signal }),
    );
  });
  return { began, ended, stderr: child.stderr, kill: (signal) => void child.kill(signal) };
}
