import { stripVTControlCharacters } from "node:util";
import { escapeTerminal } from "../util/escape-terminal.ts";

/** The end of what a program writes, however much that is. */
export interface LastLines {
  push(bytes: Uint8Array): void;
  /**
   * At most so many lines that say something, without colours, and of a line that was written over what was seen last. A
   * line whose beginning is not kept is left out, or has `…` in its place where it is the only one.
   */
  lines(most: number): string[];
}

/** Bytes that are kept: many times a message, since masks make them fewer. */
const room = 16 * 2 ** 10;

export function lastLines(): LastLines {
  const kept = Buffer.alloc(2 * room);
  let length = 0;
  let isCut = false;
  return {
    push(bytes) {
      const fresh = bytes.subarray(-room);
      if (length + fresh.length > kept.length || fresh.length < bytes.length) {
        // Nothing before what is missing, or the two would make a line that nobody wrote.
        const stays = fresh.length < bytes.length ? 0 : Math.min(length, room);
        kept.copyWithin(0, length - stays, length);
        length = stays;
        isCut = true;
      }
      kept.set(fresh, length);
      length += fresh.length;
    },
    lines(most) {
      if (most === 0) return [];
      // Of what is no UTF-8 there is U+FFFD.
      const text = new TextDecoder().decode(kept.subarray(isCut ? characterStart(kept) : 0, length));
      const lines = stripVTControlCharacters(text).split("\n");
      const [cut = ""] = isCut ? lines.splice(0, 1) : [];
      const whole = lines.map(visible).filter((line) => line !== "");
      // Of a line without its beginning nobody can tell what it was about.
      return whole.length > 0 ? whole.slice(-most) : endOfLine(cut);
    },
  };
}

/** Where in bytes that were cut anywhere a character begins. */
function characterStart(bytes: Uint8Array): number {
  let start = 0;
  while (start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start++;
  return start;
}

// The first word may be the end of one, and what a mask would have known by its beginning. 1024 letters are no word.
function endOfLine(cut: string): string[] {
  const isOverwritten = cut.trimEnd().includes("\r");
  const line = visible(cut);
  const shown = isOverwritten ? line : line.replace(/^\S{0,1024}(\s+|$)/, "");
  if (shown === "") return [];
  return [isOverwritten ? shown : `…${shown}`];
}

// A progress bar goes back to the start of its line for each step.
function visible(line: string): string {
  const last = line.trimEnd().split("\r").at(-1) ?? "";
  return escapeTerminal(last.replaceAll("\t", " ")).trimEnd();
}
