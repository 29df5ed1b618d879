import { KevError } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";

/**
 * Prints `error` to stderr: its line in kubectl's wording, then its hint.
 *
 * @param place stands before it: `line 7: `
 * @param spoken puts a hint into the words of who called kev by another name
 */
export function printError(
  error: unknown,
  { stderr }: Pick<Context, "stderr">,
  place = "",
  spoken = (text: string): string => text,
): void {
  const known = error instanceof KevError;
  const line = known ? error.line : `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  stderr.write(`${place}${escapeTerminal(line, { keepNewlines: true })}\n`);
  if (!known || error.hint === undefined) return;
  stderr.write(`hint: ${escapeTerminal(spoken(error.hint), { keepNewlines: true })}\n`);
}

/** The exit code that says why `error` happened; 1 for what kev does not know by name. */
export function exitCodeOf(error: unknown): number {
  return error instanceof KevError ? error.exitCode : 1;
}
