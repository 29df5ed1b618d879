import { escapeTerminal } from "../util/escape-terminal.ts";
import type { Context } from "./context.ts";
import { styleFor } from "./style.ts";

/** What kev says on stderr beside errors. */
export interface Remarks {
  /** `Warning: TEXT`, as kubectl shows a server's; each text once. */
  warn(text: string): void;
  /** `note: TEXT`; each text once. */
  note(text: string): void;
  /** `note: TEXT`, as often as it is said: what happened again. */
  happened(text: string): void;
  /** A line of `-v`. */
  log(text: string): void;
}

/** Remarks on the context's stderr, marked as `--color` says. */
export async function createRemarks({ stderr, env }: Context, color?: "auto" | "always" | "never"): Promise<Remarks> {
  const said = new Set<string>();
  const say = (line: string): void => {
    if (said.has(line)) return;
    said.add(line);
    stderr.write(`${line}\n`);
  };
  const { warning } = await styleFor(stderr, env, color);
  return {
    warn: (text) => say(`${warning("Warning:")} ${escapeTerminal(text)}`),
    note: (text) => say(`note: ${escapeTerminal(text)}`),
    happened: (text) => stderr.write(`note: ${escapeTerminal(text)}\n`),
    log: (text) => stderr.write(`${escapeTerminal(text)}\n`),
  };
}
