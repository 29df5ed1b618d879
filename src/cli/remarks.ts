import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";
import { hasColor } from "./style.ts";

/** What kev says on stderr beside errors. */
export interface Remarks {
  /** `Warning: TEXT`, as kubectl shows a server's; each text once. */
  warn(text: string): void;
  /** `note: TEXT`; each text once. */
  note(text: string): void;
  /** A line of `-v`. */
  log(text: string): void;
}

export function createRemarks({ stderr, env }: Context, color?: "auto" | "always" | "never"): Remarks {
  const said = new Set<string>();
  const say = (line: string): void => {
    if (said.has(line)) return;
    said.add(line);
    stderr.write(`${line}\n`);
  };
  // kubectl's: yellow and bold, written out here since nothing else of a colour library is needed on this path.
  const warning = hasColor(stderr, env, color) ? "\u001b[33;1mWarning:\u001b[0m" : "Warning:";
  return {
    warn: (text) => say(`${warning} ${escapeTerminal(text)}`),
    note: (text) => say(`note: ${escapeTerminal(text)}`),
    log: (text) => stderr.write(`${escapeTerminal(text)}\n`),
  };
}
