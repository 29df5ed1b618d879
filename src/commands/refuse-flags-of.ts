import type { Command } from "commander";
import { usageError } from "../util/errors.ts";

/**
 * Throws a usage error for a flag of `command` that was given to `below`, which has none of that name: commander takes it
 * without a word.
 */
export function refuseFlagsOf(command: Command, below: Command): void {
  const own = new Set(below.options.map((option) => option.attributeName()));
  for (const option of command.options) {
    const name = option.attributeName();
    if (own.has(name) || command.getOptionValueSource(name) !== "cli") continue;
    const path = `kev ${command.name()}`;
    throw usageError(`unknown flag: ${option.long}`, { hint: `${path} takes it, ${path} ${below.name()} does not` });
  }
}
