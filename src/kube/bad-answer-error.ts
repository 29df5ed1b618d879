import { KevError } from "../util/errors.ts";

export interface BadAnswerOptions {
  /** `POST /api/v1/namespaces/prod/events`; never holds a query. */
  request: string;
  httpStatus: number;
  /** What is wrong with it: `without JSON: <html>`. */
  problem: string;
  cause?: unknown;
}

/** The server said that all went well, in an answer that is not what was asked for. What was asked may have been done. */
export class BadAnswerError extends KevError {
  override readonly name = "BadAnswerError";
  readonly httpStatus: number;

  constructor({ request, httpStatus, problem, cause }: BadAnswerOptions) {
    super("failed", `${request} answered HTTP ${httpStatus} ${problem}`, {
      prefix: "Error from server: ",
      hint: "the address may be that of a proxy or a login page instead of a Kubernetes API server",
      cause,
    });
    this.httpStatus = httpStatus;
  }
}
