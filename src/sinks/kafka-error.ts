import { errorCode, errorMessage } from "../util/file-error.ts";
import { isRecord } from "../util/is-record.ts";
import { excerpt } from "./http-answer.ts";
import { SendError } from "./send-error.ts";

/**
 * Answers that speak of what was sent: the same will be refused tomorrow, too. All else gets mended while the router runs: a
 * topic is created, a right given, a broker started.
 * Source: https://kafka.apache.org/protocol#protocol_error_codes
 */
const refusedForGood = new Set([
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TIMESTAMP",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_RECORD",
]);

/**
 * The error of a failed send. The message names the brokers of the config, and what went wrong.
 *
 * @param error of kafkajs, which wraps what happened once it has given up
 */
export function kafkaError(error: unknown, brokers: readonly string[], topics: readonly string[]): SendError {
  const cause = rootOf(error);
  return new SendError(`Kafka at ${brokers.join(", ")}: ${excerpt(problemOf(cause, topics))}`, {
    retriable: !refusedForGood.has(typeOf(cause)),
    cause: error,
  });
}

/**
 * Whether the producer may go on with the same batch, so that the brokers recognize what they have stored of it. Not when
 * they have lost track of what it sent.
 */
export function producerSurvives(error: unknown): boolean {
  const cause = rootOf(error);
  return isRecord(cause) && cause.retriable === true;
}

function problemOf(error: unknown, topics: readonly string[]): string {
  const names = topics.join(", ");
  if (errorCode(error) === "ECONNREFUSED") return "connection refused";
  if (typeOf(error) === "UNKNOWN_TOPIC_OR_PARTITION") return `there is no topic ${names}`;
  if (typeOf(error) === "TOPIC_AUTHORIZATION_FAILED") return `the topic ${names} may not be written to`;
  return errorMessage(error);
}

/** What happened, out of the errors that say how often it was tried. */
function rootOf(error: unknown): unknown {
  let root = error;
  while (isRecord(root) && isRecord(root.cause)) root = root.cause;
  return root;
}

function typeOf(error: unknown): string {
  return isRecord(error) && typeof error.type === "string" ? error.type : "";
}
