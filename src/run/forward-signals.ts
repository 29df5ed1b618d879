import type { GroupWitness } from "./group-witness.ts";

export interface ForwardOptions {
  readonly witness: Pick<GroupWitness, "count">;
  /** Sends the signal to the command. */
  readonly forward: (signal: NodeJS.Signals) => void;
  /** Stops this process, as the terminal asks for with Ctrl-Z, until it is continued. */
  readonly stop: (signal: NodeJS.Signals) => void;
  /** Whether this process is at a terminal: what its keys send is then believed to be for all, where the witness is silent. */
  readonly isAtTerminal: boolean;
}

/** Sent by the keys and the window of a terminal, to a whole process group. */
const ofTerminal: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT", "SIGTSTP", "SIGWINCH"];

/**
 * Takes the signals of this process and lets the command have each once: those that reached only this process are sent on.
 *
 * @returns what takes a signal; it resolves when that is dealt with
 */
export function forwardSignals(options: ForwardOptions): (signal: NodeJS.Signals) => Promise<void> {
  const { witness, forward, stop, isAtTerminal } = options;
  const waiting = new Map<NodeJS.Signals, number>();
  /** Signals that the witness had, by what this process has had. */
  const known = new Map<NodeJS.Signals, number>();
  let last: Promise<void> = Promise.resolve();

  async function reachedAll(signal: NodeJS.Signals): Promise<boolean> {
    const count = await witness.count(signal);
    const left = (waiting.get(signal) ?? 1) - 1;
    waiting.set(signal, left);
    if (count === undefined) return isAtTerminal && ofTerminal.includes(signal);
    const before = known.get(signal) ?? 0;
    if (count === before) return false;
    // Two that come at once may arrive as one, here or there.
    known.set(signal, left === 0 ? count : before + 1);
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
