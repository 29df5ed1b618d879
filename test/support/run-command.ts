import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { CommandResult } from "../control-plane/cluster-access.ts";

export type { CommandResult } from "../control-plane/cluster-access.ts";

export interface RunOptions {
  /** All of the environment; nothing of this process' own is added. */
  env: Readonly<Record<string, string>>;
  cwd: string;
  /** Default: an empty input that has ended. */
  stdin?: string | undefined;
}

/** A program that runs. */
export interface RunningCommand {
  /** How it ended; 128 + its number for a signal, as a shell says it. */
  readonly ended: Promise<CommandResult>;
  /** What it has written so far. */
  readonly output: { readonly stdout: string; readonly stderr: string };
  kill(signal: NodeJS.Signals): void;
}

/** Milliseconds, more than any test may take. */
const longest = 300_000;

/** Starts a program; the test that starts it must await its end. */
export function startCommand(
  program: string,
  args: readonly string[],
  { env, cwd, stdin = "" }: RunOptions,
): RunningCommand {
  const child = spawn(program, args, { env, cwd });
  // One that a failed test has left behind would keep the tests from ending.
  setTimeout(() => child.kill("SIGKILL"), longest).unref();
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  // A program that ends without reading its input is no failure of ours.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  const ended = new Promise<CommandResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ ...output, code: code ?? 128 + constants.signals[signal ?? "SIGKILL"] });
    });
  });
  return { ended, output, kill: (signal) => void child.kill(signal) };
}

/** Runs a program to its end; never throws for its exit code. */
export function runCommand(program: string, args: readonly string[], options: RunOptions): Promise<CommandResult> {
  return startCommand(program, args, options).ended;
}
