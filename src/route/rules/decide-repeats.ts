import type { Repeats } from "../config/route-config.ts";

export interface RepeatDecision {
  /** Occurrences to deliver; undefined: nothing now. */
  readonly deliver: number | undefined;
  /** What to remember; undefined: nothing. */
  readonly next: { readonly at: number; readonly held: number } | undefined;
}

/**
 * What of an event that happened again goes out.
 *
 * @param previous when the route last let the event through, in milliseconds, and what it has held back since
 * @param delta occurrences since then that were not decided on
 */
export function decideRepeats(
  repeats: Repeats,
  previous: { readonly at: number; readonly held: number } | undefined,
  delta: number,
  now: number,
): RepeatDecision {
  if (repeats === "all") return { deliver: delta, next: undefined };
  if (!previous) return { deliver: delta, next: { at: now, held: 0 } };
  const held = previous.held + delta;
  if (repeats === "first" || isWithin(repeats.every, now - previous.at)) {
    return { deliver: undefined, next: { at: previous.at, held } };
  }
  return { deliver: held, next: { at: now, held: 0 } };
}

/** A clock that was set back must not hold anything back for as long as it was ahead. */
function isWithin(period: number, passed: number): boolean {
  return passed >= 0 && passed < period;
}
