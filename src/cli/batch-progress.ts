import type { Context, Output } from "./context.ts";

/** A line at the end of a terminal's stderr that is written over and over, until something else is. */
export interface Progress {
  /** Where everything else is written to. */
  readonly stderr: Output;
  /** Shows the text, unless one was shown just now. */
  show(text: () => string): void;
  /** Takes it away. */
  clear(): void;
}

/** Milliseconds between two looks of the progress. */
const progressEvery = 200;
/** To the beginning of the line, and nothing on it. */
const emptyLine = "\r\u001b[K";

/** Progress on a terminal; nothing where `isWanted` is false, or stderr is no terminal. */
export function createProgress({ stderr, clock }: Pick<Context, "stderr" | "clock">, isWanted: boolean): Progress {
  let shownAt = 0;
  let isThere = false;
  const clear = (): void => {
    if (isThere) stderr.write(emptyLine);
    isThere = false;
  };
  return {
    stderr: {
      ...stderr,
      write: (text) => {
        clear();
        stderr.write(text);
      },
    },
    show: (text) => {
      const now = clock.now().getTime();
      if (!isWanted || !stderr.isTTY || Math.abs(now - shownAt) < progressEvery) return;
      shownAt = now;
      isThere = true;
      // What does not fit would go on in the next line, and stay.
      stderr.write(`${emptyLine}${text().slice(0, (stderr.columns ?? 80) - 1)}`);
    },
    clear,
  };
}
