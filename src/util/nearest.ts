/**
 * The candidates that `word` may be a slip of, nearest first, at most `limit`; none when nothing is near. Upper and
 * lower case count as the same. Near means at most a third of the longer one's letters wrong (at least one), or that
 * one is the other's beginning (three letters or more).
 */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = word.toLowerCase();
  const near: { candidate: string; distance: number }[] = [];
  for (const candidate of new Set(candidates)) {
    const other = candidate.toLowerCase();
    const distance = editDistance(wanted, other);
    const allowed = Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3));
    const shared = wanted.length >= 3 && other.length >= 3 && (other.startsWith(wanted) || wanted.startsWith(other));
    // A one-letter word is one slip from every other one-letter word.
    if (shared || (distance <= allowed && distance < wanted.length)) near.push({ candidate, distance });
  }
  near.sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1));
  return near.slice(0, limit).map(({ candidate }) => candidate);
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of
 * neighbours, each 1.
 */
export function editDistance(from: string, to: string): number {
  const a = [...from];
  const b = [...to];
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [row, letter] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      const substituted = at(last, column) + (letter === other ? 0 : 1);
      let least = Math.min(substituted, at(last, column + 1) + 1, at(current, column) + 1);
      if (row > 0 && column > 0 && letter === b[column - 1] && other === a[row - 1]) {
        least = Math.min(least, at(beforeLast, column - 1) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

/** The hint for words that may have been meant; undefined for none. */
export function didYouMean(words: readonly string[]): string | undefined {
  return words.length === 0 ? undefined : `did you mean ${words.join(" or ")}?`;
}
