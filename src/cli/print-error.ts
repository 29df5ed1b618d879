import { KevError } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";

/**
 * Prints `error` to stderr: its line in kubectl's wording, then its hint.
 *
 * @param place stands before it: `line 7: `
 */
export function printError(error: unknown, { stderr }: Pick<Context, "stderr">, place = ""): void {
  const known = error instanceof KevError;
  const line = known ? error.line : `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  stderr.write(`${place}${escapeTerminal(line, { keepNewlines: true })}\n`);
  if (known && error.hint !== undefined) stderr.write(`hint: ${escapeTerminal(error.hint, { keepNewlines: true })}\n`);
}

/** The exit code that says why `error` happened; 1 for what kev does not know by name. */
export function exitCodeOf(error: unknown): number {
  return error instanceof KevError ? error.exitCode : 1;
}
