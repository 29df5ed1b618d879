/** The signals of the process that a run is in. Only the command line touches the process itself. */
export interface ProcessSignals {
  /**
   * Gives each of these signals to `onSignal` from now on, instead of letting the process end or stop by it; returns what
   * ends that.
   */
  take(signals: readonly NodeJS.Signals[], onSignal: (signal: NodeJS.Signals) => void): () => void;
  /** Does to this process what the signal does where nobody listens: it ends, or stops until it is continued. */
  raise(signal: NodeJS.Signals): void;
}

/** What people, terminals and supervisors send. SIGKILL and SIGSTOP can be caught by nobody. */
export const caughtSignals = [
  ...(["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGALRM", "SIGUSR1", "SIGUSR2"] as const),
  ...(["SIGTSTP", "SIGCONT", "SIGWINCH"] as const),
] satisfies NodeJS.Signals[];
