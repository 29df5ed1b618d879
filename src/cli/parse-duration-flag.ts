import { parseGoDuration } from "../util/duration.ts";
import { usageError } from "../util/errors.ts";

/** Milliseconds of a flag that takes a duration of zero or more. */
export function parseDurationFlag(flag: string, text: string): number {
  const milliseconds = parseGoDuration(text);
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
  throw usageError(`invalid argument "${text}" for "--${flag}" flag: it is a duration, like 5s`);
}
