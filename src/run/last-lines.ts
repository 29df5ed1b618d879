import { stripVTControlCharacters } from "node:util";
import { escapeTerminal } from "../util/escape-terminal.ts";

/** The end of what a program writes, however much that is. */
export interface LastLines {
  push(bytes: Uint8Array): void;
  /** At most so many lines that say something, without colours, and of a line that was written over what was seen last. */
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
      if (length + fresh.length > kept.length) {
        const stays = Math.min(length, room);
        kept.copyWithin(0, length - stays, length);
        length = stays;
        isCut = true;
      }
      isCut ||= fresh.length < bytes.length;
      kept.set(fresh, length);
      length += fresh.length;
    },
    lines(most) {
      // Of what is no UTF-8 there is U+FFFD.
      const text = new TextDecoder().decode(kept.subarray(0, length));
      const lines = stripVTControlCharacters(text).split("\n");
      // Of a line without its beginning nobody can tell whether there is a secret in it.
      const whole = isCut && lines.length > 1 ? lines.slice(1) : lines;
      return most === 0
        ? []
        : whole
            .map(visible)
            .filter((line) => line !== "")
            .slice(-most);
    },
  };
}

// A progress bar goes back to the start of its line for each step.
function visible(line: string): string {
  const last = line.trimEnd().split("\r").at(-1) ?? "";
  return escapeTerminal(last.replaceAll("\t", " ")).trimEnd();
}
