import type { KevError } from "../util/errors.ts";
import { isRecord } from "../util/is-record.ts";
import { ApiError, type Status } from "./api-error.ts";
import { BadAnswerError } from "./bad-answer-error.ts";
import { unreachable } from "./connection-failure.ts";

export interface Answer {
  status: number;
  /** The Retry-After header. */
  retryAfter: string | undefined;
  body: string;
}

/**
 * The error that an answer outside 2xx is.
 *
 * @param request `GET /api/v1/…`, without the query
 * @param server for the hint when it speaks TLS and was asked without
 * @param now milliseconds, for a Retry-After that is a date
 */
export function answerError({ status, retryAfter, body }: Answer, request: string, server: URL, now: number): KevError {
  if (status === 400 && body.startsWith("Client sent an HTTP request to an HTTPS server")) {
    return unreachable("tls", "Client sent an HTTP request to an HTTPS server", {
      hint: `the server's address is https://${server.host}`,
    });
  }
  const parsed = parseStatus(body);
  return new ApiError({
    httpStatus: status,
    status: parsed,
    retryAfter: parseRetryAfter(retryAfter, now),
    request,
    bodyText: parsed ? undefined : body.slice(0, 1_000),
  });
}

/** The JSON object of an answer in 2xx. @throws BadAnswerError when it is anything else */
export function parseAnswer(body: string, httpStatus: number, request: string): object {
  if (body.trim() === "") throw new BadAnswerError({ request, httpStatus, problem: "without a body" });
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw new BadAnswerError({ request, httpStatus, problem: `without JSON: ${shortened(body)}`, cause });
  }
  if (isRecord(value)) return value;
  throw new BadAnswerError({ request, httpStatus, problem: `without a JSON object: ${shortened(body)}` });
}

function shortened(body: string): string {
  return body.slice(0, 1_000).trim().replace(/\s+/g, " ").slice(0, 200);
}

function parseStatus(body: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isStatus(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is Status {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "Status";
}

function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now) / 1_000));
}
