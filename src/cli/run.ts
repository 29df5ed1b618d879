import { once, setMaxListeners } from "node:events";
import { homedir, hostname } from "node:os";
import { addAbortSignal } from "node:stream";
import { isatty } from "node:tty";
import type { ProcessSignals } from "../run/process-signals.ts";
import { systemClock } from "../util/clock.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { timesAsked } from "../util/times-asked.ts";
import { version } from "../version.ts";
import type { Calling } from "./as-called.ts";
import type { Context, Output } from "./context.ts";

/**
 * Runs kev in this process: the only place that reads from it, writes to it or sets its exit code.
 *
 * @param words what stands in front of the words of the command line
 * @param calling what the user typed in place of `kev`
 */
export async function run(words: readonly string[] = [], calling?: Calling): Promise<void> {
  const argv = [...words, ...process.argv.slice(2)];
  // Asked by every set-up script and shell prompt: answered before the commands are loaded.
  if (argv.length === 1 && argv[0] === "--version") {
    output(process.stdout).write(`${version}\n`);
    return;
  }
  const abort = new AbortController();
  // Every request under way listens to it; Node 20 warns on stderr from the eleventh on.
  setMaxListeners(0, abort.signal);
  let endsAtOnce = false;
  const asked = timesAsked(systemClock);
  const interrupt = (signal: "SIGINT" | "SIGTERM"): void => {
    abort.abort(new InterruptedError(signal));
    // Who asks twice does not want to wait for an orderly end.
    if (asked(signal) > 1) endBy(signal);
  };
  // As if nobody had listened: this also ends a process that waits for the system, as reading a FIFO without a writer does.
  const endBy = (signal: "SIGINT" | "SIGTERM"): void => {
    process.off(signal, interrupt);
    process.kill(process.pid, signal);
    // The first process of a container is not ended by a signal of its own.
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  const signals: ProcessSignals = {
    take: (names, onSignal) => {
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      for (const name of names) process.on(name, onSignal);
      return () => {
        for (const name of names) process.off(name, onSignal);
        process.on("SIGINT", interrupt);
        process.on("SIGTERM", interrupt);
      };
    },
    raise: (name) => {
      const listeners = process.listeners(name) as NodeJS.SignalsListener[];
      process.removeAllListeners(name);
      process.kill(process.pid, name);
      // It went on: it was stopped and is continued, or is the first process of a container.
      for (const listener of listeners) process.on(name, listener);
    },
  };
  const context: Context = {
    env: process.env,
    cwd: currentFolder(),
    homeDir: homeFolder(),
    hostName: hostname,
    runtime: { node: process.version, platform: `${process.platform}/${process.arch}` },
    // process.stdin is opened only by who reads it: that takes time and holds the process.
    stdin: { isTTY: isatty(0), read: () => readStdin(abort.signal), chunks: () => stdinChunks(abort.signal) },
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    clock: systemClock,
    signal: abort.signal,
    signals,
    // Read at each growth, and so also by a heap that is there already.
    keepMemorySteady: async () => {
      const { getHeapStatistics, setFlagsFromString } = await import("node:v8");
      setFlagsFromString("--semi-space-growth-factor=1");
      // Where there is less memory V8 takes less by itself.
      if (getHeapStatistics().heap_size_limit >= 2 ** 31) setFlagsFromString("--heap-growing-percent=100");
    },
    endAtOnce: () => {
      endsAtOnce = true;
    },
    connect: async (options) => (await import("../kube/connect.ts")).connect(options),
  };
  const { main } = await import("./main.ts");
  const exitCode = await main(argv, context, calling);
  process.exitCode = exitCode || process.exitCode || 0;
  process.off("SIGINT", interrupt);
  process.off("SIGTERM", interrupt);
  // Whoever presses Tab does not wait for what kev waited for in vain.
  if (argv[0]?.startsWith("__complete")) setTimeout(() => endBy("SIGTERM"), 100).unref();
  if (endsAtOnce) setTimeout(endWithCode, 100).unref();
  const reason: unknown = abort.signal.reason;
  // Something that listens to no signal still holds the process.
  if (reason instanceof InterruptedError) setTimeout(() => endBy(reason.signal), 500).unref();
}

// process.exit waits for the threads that the system holds; another program in this one's place does not.
function endWithCode(): void {
  const { exitCode = 0, execPath, stdout, stderr } = process;
  if (stdout.writableLength + stderr.writableLength > 0) {
    setTimeout(endWithCode, 100);
    return;
  }
  // Unknown to the types of Node 20, and on Windows not to be had.
  process.execve?.(execPath, [execPath, "--eval", `process.exit(${Number(exitCode)})`], {});
}

// A folder that was deleted under the shell; relative paths in it name nothing, which is said where one is used.
function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    return process.env.PWD ?? "/";
  }
}

// A user without an entry in the system's list, as in a container, has no home; kubectl then looks in /, too.
function homeFolder(): string {
  try {
    return homedir() || "/";
  } catch {
    return "/";
  }
}

function output(stream: NodeJS.WriteStream): Output {
  const closed = new AbortController();
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (closed.signal.aborted) return;
    closed.abort();
    // The reader has gone (`| head`): that is no failure. In any case, what was begun is still done.
    if (error.code === "EPIPE") return;
    process.exitCode ||= 1;
    if (stream !== process.stderr) process.stderr.write(`error: cannot write output: ${error.message}\n`);
  });
  let sending: Promise<void> = Promise.resolve();
  const send = async (text: string | Uint8Array): Promise<void> => {
    closed.signal.throwIfAborted();
    try {
      const { sendAll } = await import("../util/send-all.ts");
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      await sendAll((stream as NodeJS.WriteStream & { fd: number }).fd, bytes);
    } catch (error) {
      // The reader has gone (`| head`).
      if ((error as NodeJS.ErrnoException).code === "EPIPE") closed.abort();
      throw error;
    }
  };
  return {
    write: (text) => {
      if (!closed.signal.aborted) stream.write(text);
    },
    drained: async (signal) => {
      if (closed.signal.aborted || !stream.writableNeedDrain) return;
      // A stream that fails, or a reader that has stopped reading, must not keep the program from being ended.
      await once(stream, "drain", { signal }).catch(() => undefined);
    },
    send: (text) => {
      const sent = sending.then(() => send(text));
      sending = sent.catch(() => undefined);
      return sent;
    },
    closed: closed.signal,
    isTTY: stream.isTTY === true,
    columns: stream.isTTY ? stream.columns : undefined,
  };
}

async function* stdinChunks(signal: AbortSignal): AsyncGenerator<Buffer, void> {
  try {
    for await (const chunk of addAbortSignal(signal, process.stdin)) yield chunk as Buffer;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function readStdin(signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdinChunks(signal)) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
