import type { TrackFlags } from "../commands/track-flags.ts";
import { parsePathPattern } from "../track/path-pattern.ts";
import type { TrackObjectsOptions } from "../track/track-objects.ts";
import { type ChangeVerb, changeVerbs } from "../track/track-observer.ts";
import { asKevError } from "../util/as-kev-error.ts";
import { usageError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { parseDurationFlag } from "./parse-duration-flag.ts";

/** What the flags say of what is looked at. @throws usage errors */
export function trackOptions(
  flags: TrackFlags,
): Pick<
  TrackObjectsOptions,
  "debounce" | "ignore" | "ignoreManagers" | "only" | "selector" | "showValues" | "status" | "verbs"
> {
  const { ignore, only, showValue, selector } = flags;
  for (const [flag, paths] of Object.entries({ ignore, only, "show-value": showValue })) {
    for (const path of paths ?? []) checkPath(flag, path);
  }
  if (selector !== undefined && selector.trim() === "") throw usageError("the selector of -l is empty");
  return {
    ...{ ignore, only, selector: selector?.trim(), showValues: showValue },
    ignoreManagers: flags.ignoreManager,
    status: flags.status,
    debounce: parseDurationFlag("debounce", flags.debounce ?? "2s"),
    verbs: flags.what?.flatMap((text) => text.split(",")).map(parseVerb),
  };
}

function checkPath(flag: string, path: string): void {
  try {
    parsePathPattern(path);
  } catch (cause) {
    const { hint } = asKevError(cause);
    throw usageError(`invalid argument "${path}" for "--${flag}" flag: it is no path`, { hint, cause });
  }
}

function parseVerb(text: string): ChangeVerb {
  const verb = changeVerbs.find((known) => known === text);
  if (verb !== undefined) return verb;
  const [near] = nearest(text, changeVerbs, 1);
  throw usageError(`invalid argument "${text}" for "--what" flag: it is created, changed or deleted`, {
    hint: near && `did you mean ${near}?`,
  });
}
