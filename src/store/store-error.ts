import { KevError } from "../util/errors.ts";

export interface StoreErrorOptions {
  /** True for what may pass, such as a full disk. */
  readonly retriable: boolean;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** A program's state could not be read or written; nothing of what was to be written is stored. */
export class StoreError extends KevError {
  override readonly name = "StoreError";
  readonly retriable: boolean;

  constructor(message: string, { retriable, hint, cause }: StoreErrorOptions) {
    super("failed", message, { hint, cause });
    this.retriable = retriable;
  }
}
