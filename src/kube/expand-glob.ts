import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usageError } from "../util/errors.ts";

/**
 * The paths that a pattern means, as Go's filepath.Glob finds them for kubectl: `*`, `?`, `[a-z]`, `[^a-z]` and `\`
 * within each part of the path, files with a leading dot among them; sorted, and none for what cannot be read.
 *
 * @param cwd what a relative pattern is relative to
 * @throws KevError (usage) with kubectl's text when the pattern is malformed
 */
export async function expandGlob(pattern: string, cwd: string): Promise<string[]> {
  const parts = pattern.split("/");
  const matchers = parts.map((part) => (hasMeta(part) ? partMatcher(part, pattern) : part));
  const first = matchers.findIndex((matcher) => typeof matcher !== "string");
  if (first < 0) return [];
  let paths = [parts.slice(0, first).join("/") || (pattern.startsWith("/") ? "/" : "")];
  for (const matcher of matchers.slice(first)) {
    // Two slashes are one.
    if (matcher === "") continue;
    const found: string[] = [];
    for (const folder of paths) {
      const names = await readdir(resolve(cwd, folder)).catch(() => []);
      const matches = (name: string): boolean => (typeof matcher === "string" ? name === matcher : matcher.test(name));
      for (const name of names.filter(matches).sort()) found.push(join(folder, name));
    }
    paths = found;
  }
  return paths;
}

function hasMeta(part: string): boolean {
  return /[*?[\\]/.test(part);
}

// Go's path/filepath, match.go. The `u` flag makes `?` one character, however many code units it has.
function partMatcher(part: string, pattern: string): RegExp {
  const characters = [...part];
  let source = "";
  let at = 0;
  const bad = (): Error => usageError(`pattern ${JSON.stringify(pattern)} is not valid: syntax error in pattern`);
  const next = (): string => {
    const character = characters[at++];
    if (character === undefined) throw bad();
    return literal(character);
  };
  const nextOfClass = (): string => {
    const character = characters[at];
    if (character === "-" || character === "]") throw bad();
    if (character === "\\") at++;
    return next();
  };
  while (at < characters.length) {
    const character = characters[at++];
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "\\") source += next();
    else if (character === "[") {
      const negated = characters[at] === "^";
      if (negated) at++;
      const ranges: string[] = [];
      do {
        const low = nextOfClass();
        let high = low;
        if (characters[at] === "-") {
          at++;
          high = nextOfClass();
        }
        // The wrong way round, a range holds nothing.
        if (codeOf(low) <= codeOf(high)) ranges.push(`${low}-${high}`);
        if (at >= characters.length) throw bad();
      } while (characters[at] !== "]");
      at++;
      source += `[${negated ? "^" : ""}${ranges.join("")}]`;
    } else source += literal(character ?? "");
  }
  return new RegExp(`^${source}$`, "su");
}

function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function codeOf(escaped: string): number {
  return Number.parseInt(escaped.slice(3), 16);
}
