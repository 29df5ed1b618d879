import { cellWidth } from "../cell-width.ts";
import { type Candidate, isOpen, type Reply } from "./reply.ts";
import type { WordAtCursor } from "./shell-line.ts";

/** What bash says about a completion. */
export interface BashRequest {
  quote: WordAtCursor["quote"];
  /** What stands in the cursor's word in front of what candidates take the place of: `--type=`. */
  head: string;
  /** The beginning of the cursor's word that bash leaves as it is, without quotes: it breaks words at `=` and `:`, too. */
  kept: string;
  /** `COMP_TYPE` as a number: how the user asked. */
  type: number;
  /** Columns of the terminal. */
  columns: number;
}

/**
 * What bash is to offer where there is nothing else, and then what goes into COMPREPLY, a line each. Words are quoted for where they
 * will stand, and end in a space where they are whole: bash 3.2 cannot be told to leave it out for some. Descriptions are
 * added where bash shows a list, and never where it inserts.
 */
export function bashReply({ candidates: all, otherwise }: Reply, request: BashRequest): string {
  // Between double quotes nothing takes its meaning from `!`, which bash replaces by an earlier command.
  const candidates = all.filter(({ value }) => request.quote !== '"' || !value.includes("!"));
  const lines =
    candidates.length > 1 && isListing(request.type) ? listed(candidates, request) : inserted(candidates, request);
  return [all.length > 0 ? "nothing" : otherwise, ...lines].map((line) => `${line}\n`).join("");
}

// Codes of characters: `?`, after several tabs; `!` and `@`, with show-all-if-ambiguous and -if-unmodified.
function isListing(type: number): boolean {
  return [63, 33, 64].includes(type);
}

function inserted(candidates: readonly Candidate[], request: BashRequest): string[] {
  const ending = (value: string): string => (request.quote === "" && !isOpen(value) ? " " : "");
  return candidates.map(({ value }) => replacement(value, request) + ending(value));
}

function listed(candidates: readonly Candidate[], request: BashRequest): string[] {
  const rows = candidates.map(({ value, description }) => ({ word: replacement(value, request), description }));
  const width = rows.reduce((most, { word }) => Math.max(most, cellWidth(word)), 0);
  // Wider than half of the terminal, so that bash makes one column of them.
  const half = Math.floor(request.columns / 2) + 1;
  return rows.map(({ word, description }) => {
    if (description === undefined) return word;
    // Two spaces, two brackets, and the last column, which would wrap.
    const room = request.columns - width - 5;
    if (room < 8) return word;
    const text = description.length > room ? `${description.slice(0, room - 1)}…` : description;
    return `${word}${" ".repeat(width - cellWidth(word))}  (${text})`.padEnd(half);
  });
}

/** A candidate without what bash leaves where it is. */
function replacement(value: string, { head, kept, quote }: BashRequest): string {
  return quoted((head + value).slice(kept.length), quote);
}

function quoted(text: string, quote: WordAtCursor["quote"]): string {
  if (quote === "'") return text.replaceAll("'", "'\\''");
  if (quote === '"') return text.replaceAll(/["$`\\]/g, "\\$&");
  return text.replaceAll(/[^\p{L}\p{N}@%+=:,./_-]/gu, "\\$&");
}
