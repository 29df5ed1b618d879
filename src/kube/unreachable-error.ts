import { KevError } from "../util/errors.ts";

/** How far a request got before the connection failed; decides whether another try makes sense. */
export type UnreachableReason =
  | "refused" // nothing listens there
  | "name" // the host name does not resolve
  | "tls" // the certificate was not accepted, by either side
  | "timeout" // --request-timeout passed
  | "cut"; // the connection broke, perhaps after the server had acted

/** There was no whole answer from the server. Its line is kubectl's. */
export class UnreachableError extends KevError {
  override readonly name = "UnreachableError";
  readonly reason: UnreachableReason;

  constructor(
    reason: UnreachableReason,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super("unreachable", message, { ...options, prefix: "" });
    this.reason = reason;
  }

  /** A wrong name or a wrong certificate does not mend itself. */
  get retriable(): boolean {
    return this.reason !== "tls" && this.reason !== "name";
  }
}
