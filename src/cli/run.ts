import { setMaxListeners } from "node:events";
import { homedir, hostname } from "node:os";
import { addAbortSignal } from "node:stream";
import { isatty } from "node:tty";
import { systemClock } from "../util/clock.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { version } from "../version.ts";
import type { Context, Output } from "./context.ts";

/** Runs kev in this process: the only place that reads from it, writes to it or sets its exit code. */
export async function run(): Promise<void> {
  const argv = process.argv.slice(2);
  // Asked by every set-up script and shell prompt: answered before the commands are loaded.
  if (argv.length === 1 && argv[0] === "--version") {
    process.stdout.write(`${version}\n`);
    return;
  }
  const abort = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, abort.signal);
  let asked = 0;
  const interrupt = (signal: "SIGINT" | "SIGTERM"): void => {
    abort.abort(new InterruptedError(signal));
    // Who asks twice does not want to wait for an orderly end.
    if (++asked > 1) process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const context: Context = {
    env: process.env,
    cwd: process.cwd(),
    homeDir: homedir(),
    hostName: hostname,
    runtime: { node: process.version, platform: `${process.platform}/${process.arch}` },
    // process.stdin is opened only by who reads it: that takes time and holds the process.
    stdin: { isTTY: isatty(0), read: () => readStdin(abort.signal) },
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    clock: systemClock,
    signal: abort.signal,
    connect: async (options) => (await import("../kube/connect.ts")).connect(options),
  };
  const { main } = await import("./main.ts");
  process.exitCode = await main(argv, context);
  process.off("SIGINT", interrupt);
  process.off("SIGTERM", interrupt);
}

function output(stream: NodeJS.WriteStream): Output {
  let hasReader = true;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader has gone (`| head`): that is no failure, and what was begun is still done.
    if (error.code === "EPIPE") {
      hasReader = false;
      return;
    }
    process.stderr.write(`error: cannot write output: ${error.message}\n`);
    process.exit(1);
  });
  return {
    write: (text) => {
      if (hasReader) stream.write(text);
    },
    isTTY: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}

async function readStdin(signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin)) chunks.push(chunk as Buffer);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
  return Buffer.concat(chunks).toString("utf8");
}
