import { parseGoDuration } from "../util/duration.ts";
import { usageError } from "../util/errors.ts";

/** Milliseconds of `--retry-timeout`; undefined where it is not given. */
export function parseRetryTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = parseGoDuration(text);
  if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
  throw usageError(`invalid retry timeout "${text}"`, { hint: "like 30s or 2m; 0 tries once" });
}
