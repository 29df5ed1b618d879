import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import type { EmitCommandOptions } from "../commands/emit.ts";
import { type BatchEntry, type BatchLine, emitBatch } from "../record/emit-batch.ts";
import type { EmitSettings } from "../record/emit-options.ts";
import { KevError, usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { orAborted } from "../util/or-aborted.ts";
import { longestBatchLine, parseBatchLine } from "./batch-line.ts";
import type { Context } from "./context.ts";
import { emitSettings } from "./emit-input.ts";
import { isUnsent, outcomePrinter, printOutcome } from "./emit-outcome.ts";
import { loadPresets } from "./load-presets.ts";
import { numberedLines } from "./numbered-lines.ts";
import { openConnection } from "./open-connection.ts";
import { exitCodeOf, printError } from "./print-error.ts";
import { remarksOf } from "./run-emit.ts";

/** Flags about one event, which the lines of a batch have as members. */
const ofOneEvent = [
  ...["message", "reason", "type", "component", "instance", "action", "related", "annotation", "label", "at"],
  ...["digest", "expires", "key", "once", "kind", "container"],
  ...["selector", "all", "allNamespaces", "filename", "recursive"],
] as const;

/** `kev emit --batch`: the outcome of each line as it is known, and how many there were at the end. */
export async function runEmitBatch(file: string, options: EmitCommandOptions, context: Context): Promise<number> {
  checkFlags(options);
  const loaded = await loadPresets(options.config, context);
  const settings = emitSettings(options, loaded, context);
  const print = await outcomePrinter(options, settings, context);
  await context.keepMemorySteady();
  const chunks = await openBatch(file, context);
  const connection = await openConnection(options, context, file === "-" ? "used by the batch" : undefined);
  const progress = createProgress(options, context);
  const isDryRun = settings.dryRun !== undefined;
  const codes = new Set<number>();
  const counts = { stored: 0, unchanged: 0, retried: 0, failed: 0 };
  let [firstUnsent, lastLine] = [0, 0];
  const fail = (error: KevError, line: number): void => {
    progress.clear();
    printError(error, context, `line ${line}: `);
    codes.add(exitCodeOf(error));
  };
  let interruption: InterruptedError | undefined;
  try {
    const lines = batchLines(chunks, { defaults: loaded.defaults, truncate: options.truncate }, context);
    const remarks = await remarksOf(options, context, connection);
    const onRemark = (text: string): void => {
      progress.clear();
      remarks.onRemark?.(text);
    };
    const onRetry: EmitSettings["onRetry"] = (error, delay) => {
      progress.clear();
      remarks.onRetry?.(error, delay);
    };
    for await (const outcome of emitBatch(connection, { ...settings, lines, onRemark, onRetry })) {
      const { line } = outcome;
      lastLine = line;
      if (outcome.retries > 0) counts.retried++;
      if (outcome.outcome === "failed") {
        counts.failed++;
        if (isUnsent(outcome.error)) firstUnsent ||= line;
        fail(outcome.error, line);
      } else {
        counts[outcome.outcome === "unchanged" ? "unchanged" : "stored"]++;
        printOutcome(outcome, print, { ...context, ...settings, onFailure: (error) => fail(error, line) });
        await context.stdout.drained(context.signal);
      }
      progress.show(() => summary(counts, isDryRun));
    }
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    interruption = error;
  } finally {
    progress.clear();
    connection.close();
    if (!options.quiet) context.stderr.write(`${summary(counts, isDryRun)}\n`);
  }
  if (interruption) {
    const first = firstUnsent || lastLine + 1;
    throw new InterruptedError(interruption.signal, `interrupted; line ${first} and lines after it were not sent`);
  }
  const [code = 0] = codes;
  return codes.size > 1 || (code !== 0 && counts.stored + counts.unchanged > 0) ? 1 : code;
}

interface Counts {
  stored: number;
  unchanged: number;
  /** Of all of them. */
  retried: number;
  failed: number;
}

function summary({ stored, unchanged, retried, failed }: Counts, isDryRun: boolean): string {
  const unchangedToo = unchanged > 0 ? `, ${unchanged} unchanged` : "";
  return `${stored} ${isDryRun ? "checked" : "stored"}${unchangedToo}, ${retried} tried again, ${failed} failed`;
}

function checkFlags(options: EmitCommandOptions): void {
  if (options.what !== undefined) {
    throw usageError("--batch takes no WHAT and no OBJECT: each line names its own");
  }
  const flag = ofOneEvent.find((name) => options[name] !== undefined);
  if (flag === undefined) return;
  const written = flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw usageError(`--${written} and --batch cannot be used together: each line says what its event is`);
}

/** Opened before anything is sent. @throws usage error for a file that cannot be opened */
async function openBatch(file: string, { cwd, stdin, signal }: Context): Promise<AsyncIterable<Buffer>> {
  if (file === "-") return readable(stdin.chunks(), "standard input");
  const stream = createReadStream(resolve(cwd, file));
  const opened = new Promise<void>((resolved, refused) => {
    stream.once("open", () => resolved());
    stream.once("error", (cause) => refused(usageError(fileErrorText("open", file, cause), { cause })));
  });
  // A FIFO without a writer is opened never.
  await orAborted(opened, signal);
  return readable(stream, file);
}

/** @throws usage error for what opens and cannot be read, such as a folder */
async function* readable(chunks: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer, void> {
  try {
    yield* chunks;
  } catch (cause) {
    throw cause instanceof KevError ? cause : usageError(fileErrorText("read", name, cause), { cause });
  }
}

async function* batchLines(
  chunks: AsyncIterable<Buffer>,
  common: Pick<BatchEntry, "defaults" | "truncate">,
  { clock }: Context,
): AsyncGenerator<BatchLine, void> {
  for await (const numbered of numberedLines(chunks, longestBatchLine)) {
    const line = parseBatchLine(numbered, clock.now());
    if (line === undefined) continue;
    yield "entry" in line ? { ...line, entry: { ...common, ...line.entry } } : line;
  }
}

/** Milliseconds between two looks of the progress. */
const progressEvery = 200;

/** How far it is, for who sees no line for each event. */
function createProgress({ quiet }: EmitCommandOptions, { stdout, stderr, clock }: Context) {
  const isShown = stderr.isTTY && (quiet === true || !stdout.isTTY);
  let shownAt = 0;
  let isThere = false;
  return {
    show: (text: () => string): void => {
      const now = clock.now().getTime();
      if (!isShown || now - shownAt < progressEvery) return;
      shownAt = now;
      isThere = true;
      stderr.write(`\r${text()}`);
    },
    clear: (): void => {
      // To the end of the line.
      if (isThere) stderr.write("\r\u001b[K");
      isThere = false;
    },
  };
}
