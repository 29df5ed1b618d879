/** A time in which a target was down; times are milliseconds since 1970. */
export interface Outage {
  /** When the first failed check of it began. */
  readonly since: number;
  /** Failed checks since then, that one included. */
  readonly failures: number;
}

/** One that goes on from before. */
export interface OpenOutage extends Outage {
  /** uid of the object whose events tell of it. */
  readonly toldOn: string | undefined;
}

/** What is known of a target. A value: {@link stepState} makes the next one. */
export interface TargetState {
  /** Undefined before there were enough checks to tell. */
  readonly isUp: boolean | undefined;
  /** Failed checks in a row while it is not down, and when the first of them began. */
  readonly failing: Outage | undefined;
  /** Good checks in a row while it is down. */
  readonly good: number;
  /** When the first of them began. */
  readonly goodSince: number | undefined;
  /** While it is down. */
  readonly outage: Outage | undefined;
}

export interface Thresholds {
  /** Failed checks in a row until a target is down. */
  readonly failures: number;
  /** Good checks in a row until it is up again. */
  readonly successes: number;
}

/** What a check has changed. */
export type StateChange =
  | { readonly type: "none" }
  /** The first good check of all. */
  | { readonly type: "came-up" }
  | { readonly type: "went-down"; readonly outage: Outage }
  /** One more failed check of an outage. */
  | { readonly type: "still-down"; readonly outage: Outage }
  /** It is over, from the first of the good checks on. */
  | { readonly type: "recovered"; readonly outage: Outage; readonly at: number };

/** @param open an outage that an earlier run has left open */
export function initialState(open?: Outage): TargetState {
  return {
    isUp: open === undefined ? undefined : false,
    ...{ failing: undefined, good: 0, goodSince: undefined, outage: open },
  };
}

/**
 * What one more check makes of a target. An outage begins with the first of the failed checks that it took to tell, and ends
 * with the first of the good ones; failed checks in between that were followed by too few good ones belong to it.
 *
 * @param at when the check began
 */
export function stepState(
  state: TargetState,
  check: { readonly isGood: boolean; readonly at: number },
  thresholds: Thresholds,
): { state: TargetState; change: StateChange } {
  return state.outage === undefined
    ? stepUp(state, check, thresholds)
    : stepDown(state, state.outage, check, thresholds);
}

function stepUp(state: TargetState, { isGood, at }: { isGood: boolean; at: number }, { failures }: Thresholds) {
  if (isGood) {
    const change: StateChange = { type: state.isUp === undefined ? "came-up" : "none" };
    return { state: { ...state, isUp: true, failing: undefined }, change };
  }
  const failing: Outage = { since: state.failing?.since ?? at, failures: (state.failing?.failures ?? 0) + 1 };
  if (failing.failures < failures) return { state: { ...state, failing }, change: { type: "none" } as const };
  const down = { ...initialState(failing) };
  return { state: down, change: { type: "went-down", outage: failing } as const };
}

function stepDown(
  state: TargetState,
  outage: Outage,
  { isGood, at }: { isGood: boolean; at: number },
  { successes }: Thresholds,
) {
  if (!isGood) {
    const longer: Outage = { ...outage, failures: outage.failures + 1 };
    return { state: initialState(longer), change: { type: "still-down", outage: longer } as const };
  }
  const good = state.good + 1;
  const goodSince = state.goodSince ?? at;
  if (good < successes) return { state: { ...state, good, goodSince }, change: { type: "none" } as const };
  const up: TargetState = { isUp: true, failing: undefined, good: 0, goodSince: undefined, outage: undefined };
  return { state: up, change: { type: "recovered", outage, at: goodSince } as const };
}
