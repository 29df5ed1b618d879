/** An event of the outbox that may be sent now. */
export interface SendAgain {
  readonly sequence: number;
  readonly place: string;
  /** It shows whether the right is there again, for all of its namespace. */
  readonly isTest: boolean;
}

/** What waits because a right is missing in its namespace. */
export interface PutOff {
  isHeld(place: string): boolean;
  /** Keeps an event of a namespace that is held. */
  keep(place: string, sequence: number): void;
  /**
   * The right was missing for this event.
   *
   * @returns milliseconds until the next test, where this says something new
   */
  refused(one: SendAgain, now: number): number | undefined;
  /** A test has shown that the right is there. */
  release(place: string): void;
  /** At most so many that may be sent now. */
  take(most: number, now: number): SendAgain[];
  /** When the next test is due, milliseconds since 1970; undefined: none waits for that. */
  nextAt(): number | undefined;
}

/** Milliseconds until a namespace is tested again. */
const [firstWait, longestWait] = [1_000, 30_000];
/** Of all namespaces: the others go on meanwhile. */
const testsAtOnce = 2;

interface Lane {
  /** Sequences of its events, from `next` on. */
  waiting: number[];
  next: number;
  /** Undefined: the right is there again. */
  held: { readonly at: number; readonly wait: number } | undefined;
  isTested: boolean;
}

export function createPutOff(): PutOff {
  const lanes = new Map<string, Lane>();
  let tests = 0;

  function laneOf(place: string): Lane {
    const lane = lanes.get(place) ?? { waiting: [], next: 0, held: undefined, isTested: false };
    lanes.set(place, lane);
    return lane;
  }

  function endTest(lane: Lane): void {
    if (lane.isTested) tests--;
    lane.isTested = false;
  }

  return {
    isHeld: (place) => lanes.get(place)?.held !== undefined,
    keep: (place, sequence) => void laneOf(place).waiting.push(sequence),
    refused: ({ place, sequence, isTest }, now) => {
      const lane = laneOf(place);
      lane.waiting.push(sequence);
      if (isTest) endTest(lane);
      // Sent before the first of them was refused.
      else if (lane.held) return undefined;
      const wait = lane.held ? Math.min(lane.held.wait * 2, longestWait) : firstWait;
      lane.held = { at: now + wait, wait };
      return wait;
    },
    release: (place) => {
      const lane = laneOf(place);
      endTest(lane);
      lane.held = undefined;
    },
    take: (most, now) => {
      const taken: SendAgain[] = [];
      for (const [place, lane] of lanes) {
        const { held } = lane;
        // A clock that was set back must not make it wait for longer.
        const isDue = held && !lane.isTested && (held.at <= now || held.at > now + held.wait);
        let room = held ? Number(isDue && tests < testsAtOnce) : Number.POSITIVE_INFINITY;
        while (room > 0 && taken.length < most && lane.next < lane.waiting.length) {
          room--;
          taken.push({ place, sequence: lane.waiting[lane.next++] ?? 0, isTest: held !== undefined });
          if (held) {
            lane.isTested = true;
            tests++;
          }
        }
        if (!held && lane.next === lane.waiting.length) lanes.delete(place);
      }
      return taken;
    },
    nextAt: () => {
      let first: number | undefined;
      for (const { held, isTested } of lanes.values()) {
        if (held && !isTested && (first === undefined || held.at < first)) first = held.at;
      }
      return first;
    },
  };
}
