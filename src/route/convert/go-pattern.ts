import { RE2JS, RE2JSException } from "re2js";

/** What a rule's regular expression becomes: a condition's text, or why Go would not take it either. */
export type ConvertedPattern = { readonly text: string } | { readonly problem: string };

const special = /[\\^$.|?*+()[\]{}]/;

/**
 * A regular expression that kubernetes-event-exporter looks for anywhere in a value, as a condition, which is about the
 * whole of it.
 *
 * @param mayHaveLines whether values may have line feeds, which `.` does not match in Go, but in conditions
 */
export function convertPattern(source: string, mayHaveLines: boolean): ConvertedPattern {
  try {
    RE2JS.compile(source);
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return { problem: error.message.replace(/^error parsing regexp: /, "") };
  }
  const hasChoice = source.includes("|");
  const start = !hasChoice && source.startsWith("^");
  const end = !hasChoice && /(^|[^\\])(\\\\)*\$$/.test(source);
  const inner = source.slice(start ? 1 : 0, end ? -1 : undefined);
  // A text that looks like a regular expression has to be one.
  if (start && end && !special.test(inner) && !/^\/.*\/$/s.test(inner)) return { text: inner };
  const body = mayHaveLines && inner.includes(".") ? `(?-s:${inner})` : hasChoice ? `(?:${inner})` : inner;
  const before = start || body.startsWith(".*") ? "" : ".*";
  const after = end || /(^|[^\\])\.\*$/.test(body) ? "" : ".*";
  return { text: `/${before}${body}${after}/` };
}
