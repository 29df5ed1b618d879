import type { EmitCommandOptions } from "../commands/emit.ts";
import type { Connection } from "../kube/connection.ts";
import { emitAll } from "../record/emit-all.ts";
import type { EmitSettings } from "../record/emit-options.ts";
import { checkInput } from "../record/prepare-emission.ts";
import type { KevError } from "../util/errors.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import { emitInput } from "./emit-input.ts";
import { isUnsent, outcomePrinter, printOutcome } from "./emit-outcome.ts";
import { loadPresets } from "./load-presets.ts";
import { openConnection } from "./open-connection.ts";
import { exitCodeOf, printError } from "./print-error.ts";
import { createRemarks } from "./remarks.ts";
import { retryRemark } from "./retry-remark.ts";
import { withTryLimit } from "./with-try-limit.ts";

/** `kev emit`: prints a line per event as it is stored, an error per object that failed. */
export async function runEmit(options: EmitCommandOptions, context: Context): Promise<number> {
  if (options.batch !== undefined) {
    const { runEmitBatch } = await import("./run-emit-batch.ts");
    return await runEmitBatch(options.batch, options, context);
  }
  const input = await emitInput(options, await loadPresets(options.config, context), context);
  const print = await outcomePrinter(options, input, context);
  // What is wrong with the event itself is said first, with or without a server.
  checkInput(input);
  const readsManifests = input.objects.files?.includes("-");
  // kubectl's words.
  const stdinUsedBy = readsManifests ? "used by stdin resource manifest reader" : undefined;
  const connection = await openConnection(withTryLimit(options, input), context, stdinUsedBy);
  const failures: KevError[] = [];
  let done = 0;
  let unsent = 0;
  try {
    for await (const outcome of emitAll(connection, { ...input, ...(await remarksOf(options, context, connection)) })) {
      if (outcome.outcome === "failed") {
        failures.push(outcome.error);
        if (isUnsent(outcome.error)) unsent++;
        else printError(outcome.error, context);
      } else {
        done++;
        const onFailure = (error: KevError): void => {
          failures.push(error);
          printError(error, context);
        };
        printOutcome(outcome, print, { ...context, dryRun: input.dryRun, onFailure });
      }
    }
  } catch (error) {
    // Nothing is sent before all objects are looked up.
    if (!(error instanceof InterruptedError)) throw error;
    throw new InterruptedError(error.signal, "interrupted; no event was sent");
  } finally {
    connection.close();
  }
  if (unsent > 0) printError(interruption(failures, unsent), context);
  return exitCode(failures, done);
}

function interruption(failures: readonly KevError[], unsent: number): KevError {
  const first = failures.find((failure) => failure instanceof InterruptedError);
  return new InterruptedError(
    first?.signal ?? "SIGINT",
    `interrupted; ${unsent} ${unsent === 1 ? "event was" : "events were"} not sent`,
  );
}

export async function remarksOf(
  options: EmitCommandOptions,
  context: Context,
  connection: Connection,
): Promise<Pick<EmitSettings, "onDecision" | "onRemark" | "onRetry">> {
  const remarks = await createRemarks(context, options.color);
  return {
    // A person sees what they decide on; a script has read it before.
    ...(context.stderr.isTTY &&
      !options.quiet && {
        onDecision: async (deployment) => {
          const { describeRelease } = await import("./describe-release.ts");
          remarks.note(await describeRelease(connection, deployment, context.signal));
        },
      }),
    onRemark: (text) => {
      if (!options.quiet) remarks.note(text);
    },
    onRetry: retryRemark(remarks, context),
  };
}

// Who interrupts is told so. One failure says why; several of one kind say it, too; a mixture is 1.
function exitCode(failures: readonly KevError[], done: number): number {
  const interrupted = failures.find((failure) => failure instanceof InterruptedError);
  if (interrupted !== undefined) return interrupted.exitCode;
  const codes = new Set(failures.map(exitCodeOf));
  const [code = 0] = codes;
  return codes.size > 1 || (code !== 0 && done > 0) ? 1 : code;
}
