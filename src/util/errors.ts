/** Why something failed; each kind has one exit code (`kev help exit-codes`). */
export type FailureKind = "failed" | "usage" | "not-so" | "refused" | "not-found" | "unreachable" | "interrupted";

/** The exit code of each kind of failure. `interrupted` is SIGINT's; SIGTERM ends with 143. */
export const exitCodes: Readonly<Record<FailureKind, number>> = {
  failed: 1,
  usage: 2,
  "not-so": 3,
  refused: 4,
  "not-found": 5,
  unreachable: 6,
  interrupted: 130,
};

export interface KevErrorOptions {
  /** What to do next; printed as `hint: …` under the error. May span lines. */
  hint?: string | undefined;
  cause?: unknown;
  /** What the line starts with: `error: ` unless the text is kubectl's own whole sentence. */
  prefix?: string;
}

/**
 * Every failure kev knows by name. `message` says what was being done to which object, without prefix or full stop;
 * `line` is what a terminal shows, in kubectl's wording.
 */
export class KevError extends Error {
  override readonly name: string = "KevError";
  readonly kind: FailureKind;
  /** What to do next. Who knows more than the thrower may fill it in. */
  hint: string | undefined;
  readonly prefix: string;

  constructor(kind: FailureKind, message: string, options: KevErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint;
    this.prefix = options.prefix ?? "error: ";
  }

  /** The whole first line: prefix and message. Not escaped: what prints it escapes it. */
  get line(): string {
    return this.prefix + this.message;
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}

/** Wrong arguments, flags or configuration: exit code 2. */
export function usageError(message: string, options?: KevErrorOptions): KevError {
  return new KevError("usage", message, options);
}
