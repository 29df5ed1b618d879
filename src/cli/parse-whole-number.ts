import { usageError } from "../util/errors.ts";

/** A number from 1 to 999. */
export function parseWholeNumber(flag: string, text: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw usageError(`invalid argument "${text}" for "--${flag}" flag: it is a number from 1 on`);
}
