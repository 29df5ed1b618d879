import type { EmitCommandOptions } from "../commands/emit.ts";
import { type BatchEntry, type BatchLine, type BatchOutcome, emitBatch } from "../record/emit-batch.ts";
import { delayedAbort } from "../util/delayed-abort.ts";
import { type KevError, usageError } from "../util/errors.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { createBatchCounts } from "./batch-counts.ts";
import { asBatchMember, longestBatchLine, parseBatchLine } from "./batch-line.ts";
import { createProgress } from "./batch-progress.ts";
import { openBatch } from "./batch-source.ts";
import type { Context } from "./context.ts";
import { emitSettings } from "./emit-input.ts";
import { isUnsent, outcomePrinter, printOutcome } from "./emit-outcome.ts";
import { loadPresets } from "./load-presets.ts";
import { kebab } from "./member-names.ts";
import { numberedLines } from "./numbered-lines.ts";
import { openConnection } from "./open-connection.ts";
import { exitCodeOf, printError } from "./print-error.ts";
import { remarksOf } from "./run-emit.ts";
import { withTryLimit } from "./with-try-limit.ts";

/** Flags about one event, which the lines of a batch have as members. */
const ofOneEvent = [
  ...["message", "reason", "type", "component", "instance", "action", "related", "annotation", "label", "at"],
  ...["digest", "expires", "key", "once", "kind", "container"],
  ...["selector", "all", "allNamespaces", "filename", "recursive"],
] as const;

/** Milliseconds that what is on its way has to be answered after Ctrl-C: else it would have to be looked for. */
const grace = 1_000;

/** `kev emit --batch`: the outcome of each line as it is known, and how many there were at the end. */
export async function runEmitBatch(file: string, options: EmitCommandOptions, outer: Context): Promise<number> {
  checkFlags(file, options);
  // Where each outcome has a line of its own they are the progress.
  const progress = createProgress(outer, !options.quiet && !outer.stdout.isTTY);
  const late = delayedAbort(outer.signal, grace, outer.clock);
  const context = { ...outer, signal: late.signal, stderr: progress.stderr };
  const loaded = await loadPresets(options.config, context);
  const settings = emitSettings(options, loaded, context);
  const print = await outcomePrinter(options, settings, context);
  await context.keepMemorySteady();
  const chunks = await openBatch(file, outer);
  const connection = await openConnection(
    withTryLimit(options, settings),
    context,
    file === "-" ? "used by the batch" : undefined,
  );
  const counts = createBatchCounts(settings.dryRun !== undefined);
  const codes = new Set<number>();
  let lastHint: string | undefined;
  const fail = (error: KevError, line: number): void => {
    const { hint } = error;
    // Where a thousand lines fail of one thing, what to do about it is said once.
    printError(error, context, { place: `line ${line}: `, name: asBatchMember, withoutHint: hint === lastHint });
    lastHint = hint;
    codes.add(exitCodeOf(error));
  };
  let isAnyDone = false;
  let told = 0;
  const unsent: number[] = [];
  const tell = async (outcome: BatchOutcome): Promise<void> => {
    const { line } = outcome;
    counts.add(outcome);
    if (outcome.outcome !== "failed") {
      isAnyDone = true;
      const { stdout, stderr } = context;
      printOutcome(outcome, print, {
        stdout,
        stderr,
        dryRun: settings.dryRun,
        onFailure: (error) => fail(error, line),
      });
      await context.stdout.drained(context.signal);
    } else if (isUnsent(outcome.error)) {
      unsent.push(line);
      return;
    } else fail(outcome.error, line);
    told = line;
    progress.show(counts.summary);
  };
  const summarize = (): void => {
    if (!options.quiet) context.stderr.write(`${counts.summary()}\n`);
  };
  try {
    const lines = batchLines(chunks, { defaults: loaded.defaults, truncate: options.truncate }, context);
    const remarks = await remarksOf(options, context, connection);
    for await (const outcome of emitBatch(connection, { ...settings, ...remarks, lines, stop: outer.signal })) {
      await tell(outcome);
    }
  } catch (error) {
    if (told > 0) summarize();
    throw error instanceof InterruptedError ? interruption(error, told, unsent) : error;
  } finally {
    late.end();
    progress.clear();
    connection.close();
  }
  summarize();
  const [code = 0] = codes;
  return codes.size > 1 || (code !== 0 && isAnyDone) ? 1 : code;
}

/** @param told the last line that something became of */
function interruption({ signal }: InterruptedError, told: number, unsent: readonly number[]): InterruptedError {
  // What was under way ends in any order.
  const between = unsent.filter((line) => line < told);
  const lines = `${between.length === 1 ? "line" : "lines"} ${between.join(", ")}`;
  const rest = told === 0 ? "no event was sent" : `nothing after line ${told} was sent`;
  const text = between.length === 0 ? rest : `${lines} and everything after line ${told} were not sent`;
  return new InterruptedError(signal, `interrupted; ${text}`);
}

function checkFlags(file: string, options: EmitCommandOptions): void {
  if (file === "") throw usageError('invalid argument "" for "--batch" flag: it is a file, or -');
  if (options.what !== undefined) {
    throw usageError("--batch takes no WHAT and no OBJECT: each line names its own");
  }
  const flag = ofOneEvent.find((name) => options[name] !== undefined);
  if (flag === undefined) return;
  throw usageError(`--${kebab(flag)} and --batch cannot be used together: each line says what its event is`);
}

async function* batchLines(
  chunks: AsyncIterable<Buffer>,
  common: Pick<BatchEntry, "defaults" | "truncate">,
  { clock }: Context,
): AsyncGenerator<BatchLine, void> {
  for await (const group of numberedLines(chunks, longestBatchLine)) {
    for (const numbered of group) {
      const line = parseBatchLine(numbered, clock.now());
      if (line === undefined) continue;
      yield "entry" in line ? { ...line, entry: { ...common, ...line.entry } } : line;
    }
  }
}
