import type { EmitCommandOptions } from "../commands/emit.ts";
import type { EmitOutcome } from "../record/emit-all.ts";
import type { EmitSettings } from "../record/emit-options.ts";
import { KevError, usageError } from "../util/errors.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import type { Context } from "./context.ts";
import { parseOutputFormat } from "./output-format.ts";
import { type ObjectPrinter, objectName, objectPrinter } from "./print-object.ts";

/** An event that is stored, or with a dry run would be. */
export type Done = Exclude<EmitOutcome, { outcome: "failed" }>;

/** What is printed of an event that is stored. Made before anything is sent: a wrong `-o` must not follow a stored event. */
export async function outcomePrinter(
  options: Pick<EmitCommandOptions, "output" | "quiet" | "showManagedFields">,
  { dryRun }: Pick<EmitSettings, "dryRun">,
  { stdout, cwd }: Context,
): Promise<(outcome: Done) => string> {
  const format = parseOutputFormat(options.output ?? "");
  if (options.quiet) {
    if (format !== undefined) throw usageError("-q and -o exclude each other");
    return () => "";
  }
  if (format === undefined) return (outcome) => outcomeLine(outcome, dryRun);
  const showManagedFields = options.showManagedFields ?? false;
  const print: ObjectPrinter = await objectPrinter(format, { showManagedFields, terminal: stdout.isTTY, cwd });
  return ({ event }) => print({ apiVersion: "v1", kind: "Event", ...event });
}

/** `event/NAME created`, as kubectl says it. */
function outcomeLine({ outcome, event }: Done, dryRun: "client" | "server" | undefined): string {
  const name = objectName({ apiVersion: "v1", kind: "Event", metadata: event.metadata });
  const verb = outcome === "counted" ? `counted up (x${event.count ?? 1})` : outcome;
  // kubectl's suffixes.
  const suffix = dryRun === undefined ? "" : dryRun === "client" ? " (dry run)" : " (server dry run)";
  return `${name} ${verb}${suffix}\n`;
}

/** Prints an event that is stored. What cannot be printed is a failure, and its line goes to stderr behind it. */
export function printOutcome(
  outcome: Done,
  print: (outcome: Done) => string,
  {
    stdout,
    stderr,
    dryRun,
    onFailure,
  }: Pick<Context, "stdout" | "stderr"> & Pick<EmitSettings, "dryRun"> & { onFailure: (error: KevError) => void },
): void {
  try {
    const text = print(outcome);
    if (text !== "") stdout.write(text);
  } catch (error) {
    if (!(error instanceof KevError)) throw error;
    // It is stored all the same, and the others are still to be.
    onFailure(error);
    stderr.write(outcomeLine(outcome, dryRun));
  }
}

/** True for Ctrl-C before the event was sent. */
export function isUnsent(error: KevError): boolean {
  return error instanceof InterruptedError && !error.inDoubt;
}
