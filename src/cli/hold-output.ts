import type { Output } from "./context.ts";

/** An output whose texts wait. */
export interface HeldOutput extends Output {
  /** Writes what waits; from now on nothing does. */
  release(): void;
}

/** `output`, for whose texts this is not the time: it belongs to somebody else as yet. */
export function holdOutput(output: Output): HeldOutput {
  let waiting: string[] | undefined = [];
  return {
    ...output,
    write: (text) => {
      if (waiting) waiting.push(text);
      else output.write(text);
    },
    release: () => {
      const texts = waiting ?? [];
      waiting = undefined;
      for (const text of texts) output.write(text);
    },
  };
}
