import type { RunCommandOptions } from "../commands/run.ts";
import { cacheFolder } from "../kube/discovery-cache.ts";
import { exitStatusOf, type Outcome } from "../run/outcome.ts";
import { type LostEvent, runWithEvents } from "../run/run-with-events.ts";
import { KevError, usageError } from "../util/errors.ts";
import type { Context } from "./context.ts";
import { holdOutput } from "./hold-output.ts";
import { loadPresets } from "./load-presets.ts";
import { openConnection } from "./open-connection.ts";
import { parsePairs } from "./parse-pairs.ts";
import { parseRetryTimeout } from "./parse-retry-timeout.ts";
import { printError } from "./print-error.ts";
import { createRemarks } from "./remarks.ts";
import { retryRemark } from "./retry-remark.ts";

/** `kev run`: the command's exit status. What kev has to say of its own follows when the command has ended. */
export async function runRun(options: RunCommandOptions, context: Context): Promise<number> {
  const { presets, defaults, run: config = {} } = await loadPresets(options.config, context);
  const { clock, hostName, env, homeDir, signal, signals, stdin, stderr, stdout } = context;
  // While the command runs its terminal is its own. Before that nothing else is there, and nothing is sent meanwhile.
  const held = holdOutput(stderr);
  if (options.requireEvents) held.release();
  const ours: Context = { ...context, stderr: held };
  let isRunning = false;
  const stdinUsedBy = (): string | undefined => (isRunning ? "used by the command" : undefined);
  const remarks = await createRemarks(ours, options.color);
  let unsent = 0;
  const { outcome, lost } = await runWithEvents(
    async (ending) => {
      // While the command runs, what a credential plug-in says waits, too; before that it may ask.
      const onPluginOutput = options.requireEvents ? undefined : held.write;
      return await openConnection(options, { ...ours, signal: ending }, stdinUsedBy, onPluginOutput);
    },
    {
      ...{ command: commandOf(options), on: options.on, reason: options.reason, message: options.message },
      ...{ showCommand: options.showCommand, requireEvents: options.requireEvents, key: options.key },
      ...{ component: options.component, instance: options.instance, defaults },
      labels: parsePairs("label", options.label),
      annotations: parsePairs("annotation", options.annotation),
      masks: [...(options.mask ?? []).map((pattern) => ({ pattern, source: "--mask" })), ...(config.mask ?? [])],
      secrets: options.token ? [options.token] : [],
      tailLines: tailLines(options.tailLines) ?? (stderr.isTTY ? 0 : config.tailLines),
      retryTimeout: parseRetryTimeout(options.retryTimeout) ?? defaults.retryTimeout,
      ...{ presets, env, clock, hostName, signal, signals },
      ...{ namespace: options.namespace, fieldManager: options.fieldManager },
      cacheDir: cacheFolder(options.cacheDir, env, homeDir),
      stderr: {
        write: async (bytes) => {
          unsent++;
          await stderr.send(bytes).finally(() => unsent--);
        },
        descriptor: 2,
      },
      isAtTerminal: stdin.isTTY || stdout.isTTY || stderr.isTTY,
      onStart: () => {
        isRunning = true;
      },
      onEnd: () => {
        isRunning = false;
        held.release();
      },
      onRemark: (text) => {
        if (!options.quiet) remarks.note(text);
      },
      onRetry: options.quiet ? undefined : retryRemark(remarks, context),
    },
  );
  if (unsent > 0) {
    // Somebody has asked twice for an end while nobody reads: one word more there, and this process would wait for ever.
    signals.raise("SIGTERM");
    return exitStatusOf(outcome);
  }
  if (outcome.kind === "not-started") {
    printError(new KevError("failed", `cannot run ${options.command[0]}: ${outcome.problem}`), context);
  }
  for (const error of lossesOf(lost)) printError(error, context);
  await endLike(outcome, context);
  return exitStatusOf(outcome);
}

function commandOf({ command: [program, ...args] }: RunCommandOptions): [string, ...string[]] {
  if (program === undefined) throw usageError("missing COMMAND");
  return [program, ...args];
}

/** More lines than a message has room for. */
const mostTailLines = 999;

function tailLines(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text) && Number(text) <= mostTailLines) return Number(text);
  throw usageError(`invalid argument "${text}" for "--tail-lines" flag: it is a number from 0 to ${mostTailLines}`);
}

/** What is said of events that could not be written, or may not have been; once for those that failed of the same. */
function lossesOf(lost: readonly LostEvent[]): KevError[] {
  const byProblem = new Map<string, LostEvent[]>();
  for (const one of lost) {
    const { line, inDoubt } = one.error;
    const key = JSON.stringify([line, inDoubt]);
    byProblem.set(key, [...(byProblem.get(key) ?? []), one]);
  }
  return [...byProblem.values()].map((alike) => {
    const reasons = [...new Set(alike.map(({ reason }) => reason))];
    const events = reasons.length === 1 ? `the event ${reasons[0]}` : `the events ${reasons.join(" and ")}`;
    const { line: problem = "", inDoubt } = alike[0]?.error ?? {};
    const became = inDoubt ? "may not have been" : reasons.length === 1 ? "was not" : "were not";
    const hints = new Set(alike.flatMap(({ error }) => error.hint ?? []));
    return new KevError("failed", `${events} ${became} written: ${problem.replace(/^error: /, "")}`, {
      hint: hints.size === 0 ? undefined : [...hints].join("\n"),
      cause: alike[0]?.error,
    });
  });
}

// These would make the system store the memory of kev.
const dumping: readonly NodeJS.Signals[] = [
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGSEGV",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGSYS",
];

/** Ends this process by the signal that ended the command: a shell stops its script for Ctrl-C only then. */
async function endLike(outcome: Outcome, { signals, stderr, signal }: Context): Promise<void> {
  if (outcome.kind !== "killed" || dumping.includes(outcome.signal)) return;
  await stderr.drained(signal);
  signals.raise(outcome.signal);
}
