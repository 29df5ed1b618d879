import type { Clock } from "./clock.ts";

/** Milliseconds in which the same signal is sent again by who sends it once: timeout(1) to its child and to its group, npm. */
const together = 500;

/** @returns what is told of each signal that asks for an end, and says how often somebody has asked by now */
export function timesAsked({ now }: Pick<Clock, "now">): (signal: NodeJS.Signals) => number {
  const counted = new Map<NodeJS.Signals, number>();
  let times = 0;
  return (signal) => {
    const at = now().getTime();
    if (at - (counted.get(signal) ?? Number.NEGATIVE_INFINITY) >= together) {
      counted.set(signal, at);
      times++;
    }
    return times;
  };
}
