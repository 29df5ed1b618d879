import { usageError } from "../util/errors.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";

/** Milliseconds of `--event-ttl`: more than none. */
export function parseEventTtl(text: string): number {
  const milliseconds = parseDurationFlag("event-ttl", text);
  if (milliseconds > 0) return milliseconds;
  throw usageError(`invalid argument "${text}" for "--event-ttl" flag: it is how long events live`);
}
