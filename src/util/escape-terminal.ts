export interface EscapeOptions {
  /** Keeps line feeds and tabs: for text that may span lines. Default false. */
  keepNewlines?: boolean;
}

// C0, DEL and C1; the bidi overrides and isolates that reorder what is read (CVE-2021-42574); halves of a surrogate pair.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu;

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
    return shortForms[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
