import { KevError, type KevErrorOptions } from "./errors.ts";

/** Somebody ended the program: Ctrl-C (exit code 130) or SIGTERM (143). */
export class InterruptedError extends KevError {
  override readonly name = "InterruptedError";
  readonly signal: "SIGINT" | "SIGTERM";

  constructor(signal: "SIGINT" | "SIGTERM", message = "interrupted", options: KevErrorOptions = {}) {
    super("interrupted", message, options);
    this.signal = signal;
  }

  override get exitCode(): number {
    return this.signal === "SIGTERM" ? 143 : 130;
  }
}
