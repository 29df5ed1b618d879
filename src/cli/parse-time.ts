import { parseGoDuration } from "../util/duration.ts";
import { usageError } from "../util/errors.ts";

/** RFC 3339, or a duration that means that long ago. */
export function parseTime(text: string, now: Date): Date {
  const time = parseTimestamp(text);
  if (time !== undefined) return time;
  const ago = parseGoDuration(text);
  if (ago !== undefined && ago >= 0) return new Date(now.getTime() - ago);
  throw usageError(`invalid time "${text}"`, { hint: "like 2026-11-23T09:30:00Z, or 5m for five minutes ago" });
}

/** RFC 3339, or a duration that means in so long. */
export function parseExpiry(text: string, now: Date): Date {
  const time = parseTimestamp(text) ?? new Date(now.getTime() + (parseGoDuration(text) ?? Number.NaN));
  // What is no time, or one that no Date can hold.
  if (!Number.isNaN(time.getTime())) return time;
  throw usageError(`invalid expiry "${text}"`, { hint: "like 2h for two hours from now, or 2026-11-23T09:30:00Z" });
}

function parseTimestamp(text: string): Date | undefined {
  const [, date] =
    /^(\d{4}-\d{2}-\d{2})[Tt](?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  const time = new Date(text.toUpperCase());
  return date !== undefined && isDay(date) && !Number.isNaN(time.getTime()) ? time : undefined;
}

// Date takes 30 February for 2 March; the API takes the first day of year 1 for no time at all.
function isDay(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date) && date > "0001-01-01";
}
