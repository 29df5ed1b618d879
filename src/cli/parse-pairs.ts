import { usageError } from "../util/errors.ts";

/** `KEY=VALUE` words of a flag that may be repeated, as a record; the last of a key wins. Throws usage errors. */
export function parsePairs(flag: string, words: readonly string[] = []): Record<string, string> {
  const pairs = words.map((word) => {
    const equals = word.indexOf("=");
    if (equals < 1) throw usageError(`--${flag} takes KEY=VALUE, not "${word}"`);
    return [word.slice(0, equals), word.slice(equals + 1)] as const;
  });
  return Object.fromEntries(pairs);
}
