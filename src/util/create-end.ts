import { setMaxListeners } from "node:events";

/** How a run of several things at once ends. */
export interface End {
  /** Nothing more is begun: the caller's signal has aborted, or something has failed. */
  readonly signal: AbortSignal;
  /** Aborts when what was begun is not finished, either. */
  readonly cut: AbortController;
  /** Ends it with an error; what ends because it was told to has not failed. */
  readonly fail: (error: unknown) => void;
  readonly failure: { readonly error: unknown } | undefined;
}

export function createEnd(signal: AbortSignal): End {
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const cut = new AbortController();
  // Everything that runs listens to them; Node 20 warns from the eleventh on.
  setMaxListeners(0, ending, cut.signal);
  let failure: End["failure"];
  return {
    signal: ending,
    cut,
    fail: (error) => {
      if ([ending, cut.signal].some(({ aborted, reason }) => aborted && error === reason)) return;
      failure ??= { error };
      failed.abort(error);
    },
    get failure() {
      return failure;
    },
  };
}
