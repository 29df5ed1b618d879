export interface CursorMoves {
  /** Sink → its cursor before. */
  readonly before: Readonly<Record<string, number>>;
  /** Sink → its cursor now. */
  readonly moved: Readonly<Record<string, number>>;
  /** Sinks that are no more. */
  readonly removed: readonly string[];
  /** Sequence of the newest delivery. */
  readonly last: number;
}

/**
 * Which part of the queue may hold what nobody waits for any more: what each sink has passed, `after` and up to `to`.
 * Sinks that have gone the same way are one. What lies elsewhere is not looked at: who waits may be many.
 */
export function passedRanges({ before, moved, removed, last }: CursorMoves): (readonly [after: number, to: number])[] {
  const all = [...Object.entries(moved), ...removed.map((sink) => [sink, last] as const)];
  const ranges = all.map(([sink, to]) => [before[sink] ?? 0, to] as const).filter(([after, to]) => after < to);
  return [...new Map(ranges.map((range) => [range.join(), range])).values()];
}
