import { KevError, type Naming } from "../util/errors.ts";
import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";
import { asFlag } from "./member-names.ts";

interface Wording {
  readonly place?: string;
  readonly name?: Naming;
  readonly withoutHint?: boolean;
  readonly spoken?: (text: string) => string;
}

/**
 * Prints `error` to stderr: its line in kubectl's wording, then its hint.
 *
 * @param place stands before it: `line 7: `
 * @param name how who reads it writes what they ask for
 * @param spoken puts a hint into the words of who called kev by another name
 */
export function printError(error: unknown, { stderr }: Pick<Context, "stderr">, wording: Wording = {}): void {
  const { place = "", name = asFlag, withoutHint = false, spoken = (text) => text } = wording;
  const { line, hint } = error instanceof KevError ? error.writtenFor(name) : { line: unknownLine(error) };
  stderr.write(`${place}${escapeTerminal(line, { keepNewlines: true })}\n`);
  if (hint !== undefined && !withoutHint)
    stderr.write(`hint: ${escapeTerminal(spoken(hint), { keepNewlines: true })}\n`);
}

// A mistake of kev's own: where it was made is all there is to say.
function unknownLine(error: unknown): string {
  return `error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

/** The exit code that says why `error` happened; 1 for what kev does not know by name. */
export function exitCodeOf(error: unknown): number {
  return error instanceof KevError ? error.exitCode : 1;
}
