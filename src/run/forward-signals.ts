import type { Clock } from "../util/clock.ts";
import type { GroupWitness } from "./group-witness.ts";

export interface ForwardOptions {
  readonly witness: Pick<GroupWitness, "count">;
  /** Sends the signal to the command. */
  readonly forward: (signal: NodeJS.Signals) => void;
  /** Stops this process, as the terminal asks for with Ctrl-Z, until it is continued. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** Whether this process is at a terminal: what its keys send is then believed to be for all, where the witness is silent. */
  readonly isAtTerminal: boolean;
  readonly clock: Clock;
}

/** Sent by the keys and the window of a terminal, to a whole process group. */
const ofTerminal: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH"];
/** Milliseconds between a signal to this process and the same to its group, by who sends both, as timeout(1) does. */
const together = 20;

/**
 * Takes the signals of this process and lets the command have each once: those that reached only this process are sent on.
 *
 * @returns what takes a signal; it resolves when that is dealt with
 */
export function forwardSignals(options: ForwardOptions): (signal: NodeJS.Signals) => Promise<void> {
  const { witness, forward, stop, isAtTerminal, clock } = options;
  const waiting = new Map<NodeJS.Signals, number>();
  /** Signals that the witness had, by what this process has had, and when the last one was found out. */
  const known = new Map<NodeJS.Signals, { count: number; at: number }>();
  let last: Promise<void> = Promise.resolve();

  async function reachedAll(signal: NodeJS.Signals): Promise<boolean> {
    const before = known.get(signal) ?? { count: 0, at: Number.NEGATIVE_INFINITY };
    let count = await witness.count(signal);
    if (count === before.count && clock.now().getTime() - before.at > together) {
      await clock.sleep(together);
      count = await witness.count(signal);
    }
    const left = (waiting.get(signal) ?? 1) - 1;
    waiting.set(signal, left);
    if (count === undefined) return isAtTerminal && ofTerminal.includes(signal);
    // To this process, and then to all: the command has had it.
    if (count === before.count) return clock.now().getTime() - before.at <= together;
    // Two that come at once may arrive as one, here or there.
    known.set(signal, { count: left === 0 ? count : before.count + 1, at: clock.now().getTime() });
    return true;
  }

  return (signal) => {
    waiting.set(signal, (waiting.get(signal) ?? 0) + 1);
    last = last.then(async () => {
      if (!(await reachedAll(signal))) forward(signal);
      if (signal === "SIGTSTP") stop(signal);
    });
    return last;
  };
}
