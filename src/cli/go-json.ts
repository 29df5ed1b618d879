import { unicodeEscape, unsafeInJson } from "../util/escape-terminal.ts";

/** Orders strings as Go does, by code point; JavaScript's `<` goes by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The entries of a JSON object in Go's order, without members that JSON leaves out. */
export function sortedEntries(value: object): [string, unknown][] {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return entries.sort(([a], [b]) => compareCodePoints(a, b));
}

// What encoding/json escapes beyond JSON's own rules; each still reads the same.
const escapedByGo = /[<>&]/g;

/**
 * A JSON value as Go's encoding/json writes it: keys sorted, `<`, `>` and `&` as `\u003c` and so on, so that it is
 * kubectl's output byte for byte. Control characters that JSON lets through (C1, DEL, bidi overrides) are escaped too.
 *
 * `indent`: blanks per level; without it all on one line. No line feed at the end.
 */
export function goJson(value: unknown, indent = 0): string {
  return write(value, indent, "\n");
}

function write(value: unknown, indent: number, newline: string): string {
  if (typeof value !== "object" || value === null) return writeScalar(value);
  const inner = newline + " ".repeat(indent);
  if (Array.isArray(value)) {
    return wrap(
      "[",
      "]",
      value.map((item) => write(item, indent, inner)),
      indent === 0 ? "" : inner,
      newline,
    );
  }
  const colon = indent === 0 ? ":" : ": ";
  const members = sortedEntries(value).map(([key, member]) => writeScalar(key) + colon + write(member, indent, inner));
  return wrap("{", "}", members, indent === 0 ? "" : inner, newline);
}

function wrap(open: string, close: string, items: string[], inner: string, newline: string): string {
  if (items.length === 0) return open + close;
  return open + inner + items.join(`,${inner}`) + (inner === "" ? "" : newline) + close;
}

function writeScalar(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.replace(escapedByGo, unicodeEscape).replace(unsafeInJson, unicodeEscape);
}
