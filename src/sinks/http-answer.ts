import { SendError } from "./send-error.ts";

/** What a receiver answered. */
export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text; its beginning only where `isCut`. */
  readonly body: string;
  /** Whether it is longer than what was read of it. */
  readonly isCut: boolean;
}

/**
 * Answers that speak of what was sent: the same bytes will be refused tomorrow, too. Every other answer speaks of the
 * address, the credentials, the moment or the receiver, and all of those get mended while the router runs: a token is
 * renewed, a tenant created, a quota raised. Giving up then would lose events that nothing is wrong with, and so 401, 403,
 * 404, redirects and the like are tried again, and said, until somebody mends them.
 */
const refusedForGood = new Set([400, 406, 411, 413, 414, 415, 417, 422, 431]);

/** Characters of a body in an error. */
const longestExcerpt = 200;

/**
 * The error that an answer outside 2xx is: refused for good is what {@link refusedForGood} says, all else is retriable,
 * with the time of Retry-After, in seconds or as a date. The message names status, origin, and how the body begins; it is
 * not escaped.
 *
 * @param url of the request; only its origin is shown
 * @param now milliseconds since 1970
 */
export function errorOfAnswer(answer: HttpResponse, url: URL, now: number): SendError {
  const { status, headers, body } = answer;
  const text = excerpt(body);
  const redirect = status >= 300 && status <= 399 ? ", a redirect, which kev does not follow" : "";
  return new SendError(`${url.origin} answered HTTP ${status}${redirect}${text ? `: ${text}` : ""}`, {
    retriable: !refusedForGood.has(status),
    retryAfter: parseRetryAfter(headers["retry-after"], now),
  });
}

/** The beginning of a receiver's text, in one line of at most 200 characters. */
export function excerpt(body: string): string {
  const text = body
    .slice(0, 4 * longestExcerpt)
    .trim()
    .replace(/\s+/g, " ");
  return text.length > longestExcerpt ? `${text.slice(0, longestExcerpt - 1)}…` : text;
}

/** Milliseconds to wait: of a number of seconds, or until a date; undefined for anything else. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(header)) return Math.ceil(Number(header) * 1_000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
