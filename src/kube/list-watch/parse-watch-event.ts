import { isRecord, recordOf } from "../../util/is-record.ts";
import { ApiError } from "../api-error.ts";
import { BadAnswerError } from "../bad-answer-error.ts";
import { bodyFailure } from "../connection-failure.ts";
import { isObject } from "./list-pages.ts";
import type { WatchedObject } from "./list-watch-step.ts";

export type WatchEvent<T> =
  | { type: "ADDED" | "MODIFIED" | "DELETED"; object: T }
  /** Nothing changed up to here. */
  | { type: "BOOKMARK"; resourceVersion: string }
  /** Why the watch cannot go on. */
  | { type: "ERROR"; error: ApiError };

/**
 * One line of a watch.
 *
 * @param line with its line feed
 * @param path of the collection, for the error
 * @throws BadAnswerError, or UnreachableError for the start of a line
 */
export function parseWatchEvent<T extends WatchedObject>(line: string, path: string): WatchEvent<T> {
  const request = `GET ${path}`;
  const bad = (problem: string, cause?: unknown) =>
    new BadAnswerError({ request, httpStatus: 200, problem: `${problem}: ${line.trim().slice(0, 200)}`, cause });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    // A proxy that loses its server may end the answer as if it were whole.
    if (!line.endsWith("\n")) throw bodyFailure(cause);
    throw bad("without JSON", cause);
  }
  const { type, object } = recordOf(value);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      if (!isObject(object)) throw bad(`with no object as ${type}`);
      return { type, object: object as T };
    case "BOOKMARK": {
      const { resourceVersion } = recordOf(recordOf(object).metadata);
      if (typeof resourceVersion !== "string" || resourceVersion === "") throw bad("without a bookmark's version");
      return { type, resourceVersion };
    }
    case "ERROR": {
      if (!isRecord(object)) throw bad("with an error that is no Status");
      const httpStatus = typeof object.code === "number" ? object.code : 500;
      return { type, error: new ApiError({ httpStatus, status: object, request }) };
    }
    default:
      throw bad("with what is no watch event");
  }
}
