import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { type Clock, systemClock } from "../util/clock.ts";
import { timesAsked } from "../util/times-asked.ts";
import { forwardSignals } from "./forward-signals.ts";
import { type GroupWitness, silentWitness, startGroupWitness } from "./group-witness.ts";
import { lastLines } from "./last-lines.ts";
import { openPipe } from "./open-pipe.ts";
import type { Outcome } from "./outcome.ts";
import { type PassedOn, passOn } from "./pass-on.ts";
import { caughtSignals, type ProcessSignals } from "./process-signals.ts";
import { startCommand } from "./start-command.ts";

export interface RunCommandOptions {
  readonly command: readonly [program: string, ...args: string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string | undefined;
  /** Lines of stderr that are kept; with 0 the command has this process's own. */
  readonly tailLines: number;
  readonly stderr: StderrTarget;
  readonly signals?: ProcessSignals | undefined;
  readonly isAtTerminal?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** Ends everything before the command is started, and nothing after that. */
  readonly signal?: AbortSignal | undefined;
  /** Called before the command is started. */
  readonly onStart?: (() => void) | undefined;
  readonly onBegin: () => void;
  /** Awaited before the signals are given back. */
  readonly whenEnded: (ended: EndedCommand) => Promise<void>;
  /** A signal that ends processes came when the command had ended, and not for the first time. */
  readonly onImpatience: (signal: NodeJS.Signals) => void;
}

/** Where the stderr of a command goes when it is read on the way. */
export interface StderrTarget {
  /** Rejects when nobody reads any more. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** The file descriptor that `write` writes to, for a process that goes on with it when this one has ended. */
  readonly descriptor?: number | undefined;
}

export interface EndedCommand {
  readonly outcome: Outcome;
  /** The end of its stderr, as it was. */
  readonly lines: readonly string[];
}

const deadly: readonly NodeJS.Signals[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM"];

/**
 * Runs a command with this process's stdin and stdout, and its stderr by way of `stderr`. What it leaves behind is not
 * waited for. @throws the reason of `signal`, before anything is run
 */
export async function runCommand(options: RunCommandOptions): Promise<EndedCommand> {
  const { command, env, cwd, tailLines, signals } = options;
  const [witness, pipe] = await Promise.all([
    signals && startGroupWitness().catch(() => silentWitness),
    tailLines > 0 ? openPipe() : undefined,
  ]);
  let giveBack: (() => void) | undefined;
  try {
    if (options.signal?.aborted && pipe) for (const end of [pipe.readEnd, pipe.writeEnd]) closeSync(end);
    options.signal?.throwIfAborted();
    options.onStart?.();
    let hasEnded = false;
    const asked = timesAsked(options.clock ?? systemClock);
    let forward = (_signal: NodeJS.Signals): void => undefined;
    const impatient = new Promise<void>((resolve) => {
      giveBack = signals?.take(caughtSignals, (signal) => {
        const times = deadly.includes(signal) ? asked(signal) : 0;
        if (!hasEnded) forward(signal);
        // The one that ended the command may be told of after its end.
        else if (times > 1) {
          options.onImpatience(signal);
          resolve();
        }
      });
    });
    const child = startCommand(command, { env, cwd, stderr: pipe?.writeEnd ?? (tailLines > 0 ? "pipe" : "inherit") });
    if (signals && witness) forward = forwarding(options, signals, witness, child.kill);
    const tail = lastLines();
    const source = pipe ? new Socket({ fd: pipe.readEnd, readable: true, writable: false }) : child.stderr;
    const passed = source && passOn(source, { write: options.stderr.write, onBytes: tail.push });
    if (pipe) closeSync(pipe.writeEnd);
    if (await child.began) options.onBegin();
    const outcome = await child.ended;
    hasEnded = true;
    // Who does not read must not keep from leaving who has asked twice.
    if (passed) await Promise.race([finish(passed, pipe?.readEnd, options.stderr.descriptor), impatient]);
    const ended = { outcome, lines: tail.lines(tailLines) };
    await options.whenEnded(ended);
    return ended;
  } finally {
    giveBack?.();
    witness?.close();
  }
}

function forwarding(
  { isAtTerminal = false, clock = systemClock }: RunCommandOptions,
  { raise }: ProcessSignals,
  witness: GroupWitness,
  kill: (signal: NodeJS.Signals) => void,
): (signal: NodeJS.Signals) => void {
  const forward = forwardSignals({ witness, forward: kill, stop: raise, isAtTerminal, clock });
  return (signal) => void forward(signal);
}

/**
 * Passes on what the command has written. What a process that it left behind writes later, `cat` passes on: this one does
 * not wait for it, and must not be missed.
 */
async function finish(passed: PassedOn, readEnd: number | undefined, writeEnd: number | undefined): Promise<void> {
  if ((await passed.drained()) === "ended") return;
  await passed.stop(() => {
    if (readEnd === undefined || writeEnd === undefined) return;
    const cat = spawn("cat", { detached: true, stdio: [readEnd, writeEnd, "ignore"] });
    cat.on("error", () => undefined).unref();
  });
}
