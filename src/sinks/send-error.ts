import { KevError } from "../util/errors.ts";

export interface SendErrorOptions {
  /** False: the same batch will never be taken, such as one that the receiver calls malformed. */
  readonly retriable: boolean;
  /** Milliseconds that the receiver asks to wait. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/** A batch was not taken, or it is not known whether it was. The message holds no secret, and of a URL only its origin. */
export class SendError extends KevError {
  override readonly name = "SendError";
  readonly retriable: boolean;
  readonly retryAfter: number | undefined;

  constructor(message: string, { retriable, retryAfter, cause }: SendErrorOptions) {
    super("failed", message, { cause });
    this.retriable = retriable;
    this.retryAfter = retryAfter;
  }
}
