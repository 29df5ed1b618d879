/** What a list after an interruption says of the time that nobody watched. */
export interface Interruption {
  /** Milliseconds since 1970: when the watch was last known to be alive. */
  from: number;
  /** When everything was listed. */
  to: number;
  /** Whether an event that was known before it is still there in the same state. */
  hasSurvivors: boolean;
  /** When the newest of the events that were known and are gone was taken in; undefined: none is gone. */
  newestGone: number | undefined;
  /** How long the server keeps an event after its last write, as far as the caller knows. */
  eventTtl: number;
}

/**
 * Whether events may have been written and have expired again while nobody watched: what a list cannot show.
 *
 * An event that was there before the interruption and still is proves that the server keeps events longer than it lasted:
 * what was written since must be there as well. Where none is, events known so lately that they should be there tell that
 * the server keeps them for less than was thought (or that somebody deleted them); else only the length can tell.
 */
export function findGap({
  from,
  to,
  hasSurvivors,
  newestGone,
  eventTtl,
}: Interruption): { from: Date; to: Date } | undefined {
  if (hasSurvivors) return undefined;
  const isTooLong = to - from >= eventTtl;
  const isGoneEarly = newestGone !== undefined && to - newestGone < eventTtl;
  return isTooLong || isGoneEarly ? { from: new Date(from), to: new Date(to) } : undefined;
}
