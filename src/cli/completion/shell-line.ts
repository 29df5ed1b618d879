/** The word at the cursor as it stands on a line of shell. */
export interface WordAtCursor {
  /** As typed, quotes and backslashes in it. */
  raw: string;
  /** What it says. */
  plain: string;
  /** The quote that is still open at the cursor. */
  quote: "" | "'" | '"';
}

/** A line of shell up to the cursor. */
export interface ShellLine {
  /** The words in front of the cursor; the first one is the program. */
  words: readonly string[];
  cursor: WordAtCursor;
}

/**
 * Reads a line as a POSIX shell does, but runs nothing: variables of `env` are put in, and what only the shell itself can
 * tell, `$(…)` and its own variables, stays as it is. Assignments in front of the program are left out.
 */
export function readShellLine(line: string, env: Readonly<Record<string, string | undefined>>): ShellLine {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    at += /^\s*/.exec(line.slice(at))?.[0].length ?? 0;
    const { end, ...word } = readWord(line, at, env);
    if (end >= line.length) return { words: withoutAssignments(words), cursor: word };
    words.push(word.plain);
    at = end;
  }
}

function readWord(line: string, start: number, env: Readonly<Record<string, string | undefined>>) {
  let plain = "";
  let quote: WordAtCursor["quote"] = "";
  let at = start;
  for (; at < line.length; at++) {
    const character = line[at] ?? "";
    if (quote === "" && /\s/.test(character)) break;
    if (quote !== '"' && character === "'") quote = quote === "" ? "'" : "";
    else if (quote !== "'" && character === '"') quote = quote === "" ? '"' : "";
    else if (quote !== "'" && character === "\\") {
      const next = line[++at] ?? "";
      // Between double quotes a backslash stands for itself in front of most characters.
      plain += quote === "" || /["$`\\]/.test(next) ? next : `\\${next}`;
    } else {
      const variable = quote === "'" ? undefined : variableAt(line, at, env);
      plain += variable?.value ?? character;
      at += (variable?.length ?? 1) - 1;
    }
  }
  return { raw: line.slice(start, at), plain, quote, end: at };
}

function variableAt(line: string, at: number, env: Readonly<Record<string, string | undefined>>) {
  const [whole = "", bare, braced] = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/.exec(line.slice(at)) ?? [];
  const value = env[bare ?? braced ?? ""];
  return value === undefined ? undefined : { value, length: whole.length };
}

function withoutAssignments(words: readonly string[]): string[] {
  const program = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  return words.slice(program === -1 ? words.length : program);
}
