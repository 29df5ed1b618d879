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

/** How a reader writes the name of something that kev is given: `--key` on a command line, `key` in a program. */
export type Naming = (member: string) => string;

/** A text; one that names members of kev's input (`key`, `expiresAt`) is made for how its reader writes them. */
export type Wording = string | ((name: Naming) => string);

export interface KevErrorOptions {
  /** What to do next; printed as `hint: …` under the error. May span lines. */
  hint?: Wording | undefined;
  cause?: unknown;
  /** What the line starts with: `error: ` unless the text is kubectl's own whole sentence. */
  prefix?: string;
}

/**
 * Every failure kev knows by name. `message` says what was being done to which object, without prefix or full stop;
 * `line` is what a terminal shows, in kubectl's wording. Both, and the hint, name members of the input as a program
 * writes them; {@link KevError.writtenFor} names them otherwise.
 */
export class KevError extends Error {
  override readonly name: string = "KevError";
  readonly kind: FailureKind;
  readonly prefix: string;
  /** True when what failed may have been done all the same: it was sent, and nobody knows what became of it. */
  inDoubt = false;
  readonly #message: Wording;
  #hint: Wording | undefined;

  constructor(kind: FailureKind, message: Wording, options: KevErrorOptions = {}) {
    super(textOf(message, asItIs), options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.prefix = options.prefix ?? "error: ";
    this.#message = message;
    this.#hint = options.hint;
  }

  /** What to do next. Who knows more than the thrower may fill it in. */
  get hint(): string | undefined {
    return this.#hint && textOf(this.#hint, asItIs);
  }

  set hint(hint: Wording | undefined) {
    this.#hint = hint;
  }

  /** Says `more` below the hint that is there. */
  addHint(more: Wording): void {
    const first = this.#hint;
    this.#hint = first === undefined ? more : (name) => `${textOf(first, name)}\n${textOf(more, name)}`;
  }

  /** The whole first line: prefix and message. Not escaped: what prints it escapes it. */
  get line(): string {
    return this.prefix + this.message;
  }

  /** `line` and `hint` for a reader who writes the members of the input like this. */
  writtenFor(name: Naming): { readonly line: string; readonly hint: string | undefined } {
    return { line: this.prefix + textOf(this.#message, name), hint: this.#hint && textOf(this.#hint, name) };
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}

/** Wrong arguments, flags or configuration: exit code 2. */
export function usageError(message: Wording, options?: KevErrorOptions): KevError {
  return new KevError("usage", message, options);
}

const asItIs: Naming = (member) => member;

function textOf(wording: Wording, name: Naming): string {
  return typeof wording === "function" ? wording(name) : wording;
}
