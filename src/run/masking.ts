import type { RE2JS } from "re2js";
import { compileRegex } from "../util/compile-regex.ts";
import { usageError } from "../util/errors.ts";
import { formsOfSecret } from "./forms-of-secret.ts";

/** A regular expression of RE2 for what must not be shown: all that it matches, or with groups what they match. */
export interface Mask {
  readonly pattern: string;
  /** Who asks for it, as an error names it: `--mask`, `kev.yaml:12:5`. */
  readonly source: string;
}

/** A line without its secrets. Of one that begins with `…` the beginning is missing, and maybe that of a secret. */
export type Masking = (line: string) => string;

/** What stands for a secret. */
const shown = "***";
/** Letters of the beginning of a secret that are told from other text at the end of a line. */
const leastBeginning = 6;
/** What stands for what was cut off. */
const cut = "…";

// Between scheme and host: https://user:SECRET@host. Neither part holds a slash, or a blank.
const passwordOfUrl = "[a-zA-Z][a-zA-Z0-9+.-]*://[^/\\s:@]*:([^/\\s@]+)@";

/**
 * Hides in a line the passwords of URLs, `secrets` wherever they stand and however they are escaped, and what the masks match.
 *
 * @throws KevError of kind `usage` for a mask that is no regular expression
 */
export function createMasking(masks: readonly Mask[], secrets: readonly string[]): Masking {
  const regexes = [{ pattern: passwordOfUrl, source: "" }, ...masks].map(({ pattern, source }) => {
    const compiled = compileRegex(pattern);
    if ("regex" in compiled) return compiled.regex;
    throw usageError(`${source}: ${pattern} is not a regular expression of RE2: ${compiled.problem}`);
  });
  // One secret may be the beginning of another.
  const longestFirst = [...new Set(secrets.flatMap(formsOfSecret))].sort((a, b) => b.length - a.length);
  return (line) => {
    const begun = line.startsWith(cut) ? maskBegun(line.slice(cut.length), longestFirst) : line;
    const known = longestFirst.reduce((text, secret) => text.replaceAll(secret, shown), begun);
    return regexes.reduce(maskMatches, maskUnfinished(known, longestFirst));
  };
}

/** `text` behind `…`, without the end of a secret that it begins with. */
function maskBegun(text: string, secrets: readonly string[]): string {
  const longest = Math.max(0, ...secrets.map((secret) => overlap(secret, text)));
  return longest === 0 ? cut + text : cut + shown + text.slice(longest);
}

// Whoever was ended while it wrote, or is still writing, has not come to the end of its line.
function maskUnfinished(text: string, secrets: readonly string[]): string {
  const longest = Math.max(0, ...secrets.map((secret) => overlap(text, secret)));
  return longest < leastBeginning ? text : text.slice(0, -longest) + shown;
}

/** Characters at the end of `one` that `other` begins with. */
function overlap(one: string, other: string): number {
  for (let length = Math.min(one.length, other.length); length > 0; length--) {
    if (other.startsWith(one.slice(-length))) return length;
  }
  return 0;
}

function maskMatches(line: string, regex: RE2JS): string {
  const matcher = regex.matcher(line);
  const groups = matcher.groupCount();
  const numbers = groups === 0 ? [0] : Array.from({ length: groups }, (_, index) => index + 1);
  let masked = "";
  let end = 0;
  while (matcher.find()) {
    const spans = numbers.map((group) => [matcher.start(group), matcher.end(group)] as const);
    for (const [from, to] of spans) {
      // Without a part in the match, empty, or inside of another.
      if (from < end || to <= from) continue;
      masked += line.slice(end, from) + shown;
      end = to;
    }
  }
  return masked + line.slice(end);
}
