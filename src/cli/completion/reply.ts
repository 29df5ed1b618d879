import { escapeTerminal } from "../../util/escape-terminal.ts";

/** One way to go on. */
export interface Candidate {
  /** What takes the place of the word so far; of a flag's value in one word with it (`--type=War`), of that value. */
  value: string;
  /** One line. */
  description?: string;
}

/** What a shell may offer at the cursor. */
export interface Reply {
  candidates: readonly Candidate[];
  /** What the shell offers by itself where there are no candidates. */
  otherwise: "nothing" | "files" | "folders";
}

export const nothing: Reply = { candidates: [], otherwise: "nothing" };

/** A reply of these candidates only. */
export function only(candidates: readonly Candidate[]): Reply {
  return { candidates, otherwise: "nothing" };
}

/** Candidates without a description. */
export function plain(values: Iterable<string>): Candidate[] {
  return [...values].map((value) => ({ value }));
}

/**
 * The candidates that `typed` begins, each value once, in the order of their names. What a terminal could not show as it
 * is cannot be offered; descriptions, which are only shown, are escaped.
 */
export function chosen(candidates: readonly Candidate[], typed: string): Candidate[] {
  const byValue = new Map<string, Candidate>();
  for (const { value, description } of candidates) {
    if (value === "" || !value.startsWith(typed) || escapeTerminal(value) !== value || byValue.has(value)) continue;
    const line = description === undefined ? "" : escapeTerminal(description.replaceAll(/\s+/g, " ").trim());
    byValue.set(value, line === "" ? { value } : { value, description: line });
  }
  return [...byValue.values()].sort((a, b) => (a.value < b.value ? -1 : 1));
}

/** Whether more of the same word follows, so that no space does: `deployments/`, `--dry-run=`. */
export function isOpen(value: string): boolean {
  return /[/=]$/.test(value);
}
