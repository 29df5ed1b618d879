import { usageError } from "../util/errors.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";

/** Milliseconds; shorter ones would make each failed check a write, longer ones outlive the event. */
const [least, most] = [1_000, 24 * 3_600_000];

/** Milliseconds of `--write-every`. Throws a usage error. */
export function parseWriteEvery(text: string): number {
  const writeEvery = parseDurationFlag("write-every", text);
  if (writeEvery >= least && writeEvery <= most) return writeEvery;
  throw usageError(`invalid argument "${text}" for "--write-every" flag: it is from 1s to 24h`);
}
