/**
 * Nanoseconds since 1970 of an RFC 3339 time, in decimal, as Loki and OTLP have them: no number of JavaScript holds them.
 * Digits behind the ninth are cut. `0` for what is no time.
 */
export function unixNanoseconds(time: string): string {
  const [, whole = time, fraction = "", zone = "Z"] = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/i.exec(time) ?? [];
  const seconds = Date.parse(`${whole}${zone}`) / 1_000;
  if (Number.isNaN(seconds)) return "0";
  return String(BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, "0")));
}
