import type { KubeEvent } from "./event.ts";
import { occurrencesOf } from "./occurrences.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const unknown = "<unknown>";

/**
 * Milliseconds as kubectl prints an age, in one or two units: `90s`, `5m`, `2m5s`, `3h20m`, `2d`, `1y30d`. Clocks may
 * differ by less than 2 s; further in the future is `<invalid>`.
 *
 * Source: k8s.io/apimachinery/pkg/util/duration, HumanDuration.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / second);
  if (seconds < -1) return "<invalid>";
  if (seconds < 120) return `${Math.max(seconds, 0)}s`;
  const minutes = Math.trunc(milliseconds / minute);
  if (minutes < 10) return twoUnits(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(milliseconds / hour);
  if (hours < 8) return twoUnits(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return twoUnits(days, "d", hours % 24, "h");
  if (days < 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return days < 365 * 8 ? twoUnits(years, "y", days % 365, "d") : `${years}y`;
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return `${large}${largeUnit}${small === 0 ? "" : small + smallUnit}`;
}

/** How long ago, as kubectl prints it; `<unknown>` without a time. */
export function sinceText(time: Date | undefined, now: Date): string {
  return time === undefined ? unknown : humanDuration(now.getTime() - time.getTime());
}

/** RFC 3339 in UTC, whole seconds: `2026-11-23T09:30:00Z`; `<unknown>` without a time. */
export function timeText(time: Date | undefined): string {
  return time === undefined ? unknown : time.toISOString().replace(/\.\d+Z$/, "Z");
}

export interface AgeOptions {
  /** Times of day instead of ages: `2026-11-23T09:30:00Z (x3 since 2026-11-23T09:10:00Z)`. Default false. */
  utc?: boolean | undefined;
  /** Occurrences since the event was shown last: `5m (+2, x9)`. */
  added?: number | undefined;
}

/** When an event was last seen: `5m`, `12m (x3 over 20m)`, `<unknown>`. */
export function ageOf(event: KubeEvent, now: Date, { utc, added }: AgeOptions = {}): string {
  const { count, first, last } = occurrencesOf(event);
  const text = (time: Date | undefined): string => (utc ? timeText(time) : sinceText(time, now));
  if (added) return `${text(last)} (+${added}, x${count})`;
  if (count === 1) return text(last);
  return `${text(last)} (x${count} ${utc ? "since" : "over"} ${text(first)})`;
}
