import { usageError } from "./errors.ts";

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const wholeDuration = /^([+-]?)(0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
// Go counts nanoseconds in 64 bits: about 292 years.
const longest = 2 ** 63 / 1e6;

/**
 * Milliseconds of a duration as Go writes it: `300ms`, `1.5h`, `2h45m`, `-3s`, `0`. Undefined when it is none, or longer
 * than Go can count.
 */
export function parseGoDuration(text: string): number | undefined {
  const [, sign, amount] = wholeDuration.exec(text) ?? [];
  if (amount === undefined) return undefined;
  let milliseconds = 0;
  for (const [, number = "0", unit = "s"] of amount.matchAll(part)) {
    milliseconds += Number(number) * (unitMilliseconds[unit] ?? 0);
  }
  if (milliseconds >= longest) return undefined;
  return sign === "-" && milliseconds !== 0 ? -milliseconds : milliseconds;
}

/**
 * Milliseconds of kubectl's `--request-timeout`: a Go duration, or a bare number of seconds. 0 means no limit, and so
 * does a negative duration.
 *
 * @throws KevError (usage) with kubectl's text
 */
export function parseRequestTimeout(text: string): number {
  const seconds = /^\+?\d+$/.test(text) ? Number(text) * 1_000 : undefined;
  const milliseconds = seconds ?? parseGoDuration(text);
  if (milliseconds === undefined) {
    throw usageError(
      "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding " +
        "time unit (e.g. 1s | 2m | 3h)",
    );
  }
  return Math.max(0, milliseconds);
}
