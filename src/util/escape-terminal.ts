export interface EscapeOptions {
  /** Keeps line feeds and tabs: for text that may span lines. Default false. */
  keepNewlines?: boolean;
}

// C0, DEL and C1; the line separators of Unicode; the bidi overrides and isolates that reorder what is read
// (CVE-2021-42574); halves of a surrogate pair.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

/** Of {@link escapeTerminal}'s characters those that JSON and YAML let through raw, and the line separators of Unicode. */
export const unsafeInJson = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A character as JSON's and YAML's `\uXXXX`. */
export function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

const shortForms: Readonly<Record<string, string>> = { "\u001b": "^[", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text from elsewhere (a server, a file, an argument) made safe for a terminal: what could move the cursor, change its
 * state or reorder the line is shown instead: ESC as `^[` (kubectl's way), the others as `\r`, `\u009b`, `\u202e`.
 *
 * Source: kubectl's printers.EscapeTerminal, which replaces ESC and CR only.
 */
export function escapeTerminal(text: string, options: EscapeOptions = {}): string {
  return text.replace(unsafe, (character) => {
    if (options.keepNewlines && (character === "\n" || character === "\t")) return character;
    return shortForms[character] ?? unicodeEscape(character);
  });
}
