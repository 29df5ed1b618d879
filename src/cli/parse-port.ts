import { usageError } from "../util/errors.ts";

/** The number of `--port`; 0 is any that is free. */
export function parsePort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text);
  throw usageError(`invalid argument "${text}" for "--port" flag: it is a number below 65536`);
}
