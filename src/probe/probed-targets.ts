import { KevError, usageError } from "../util/errors.ts";
import type { FoundSubject } from "./find-subjects.ts";
import { ingressTargets } from "./ingress-targets.ts";
import { shownObject } from "./subject.ts";
import type { ProbeEntry, ProbeTarget } from "./target.ts";

/**
 * The targets that entries name, those of Ingresses with the sites that these have now.
 *
 * @param found what {@link findSubjects} found for the entries without a URL
 * @param onSkipped told what of an Ingress cannot be probed, and why
 * @throws usage error for two of one name; KevError (not-found) for an Ingress without a host
 */
export function probedTargets(
  entries: readonly ProbeEntry[],
  found: readonly FoundSubject[],
  onSkipped: (text: string) => void,
): ProbeTarget[] {
  const targets = entries.flatMap((entry) => {
    const own = targetOf(entry);
    if (own) return [own];
    const subject = found.find((one) => one.entries.includes(entry));
    return subject ? sitesOf(subject, entry, onSkipped) : [];
  });
  checkTargetNames(targets);
  return targets;
}

/** Undefined for an entry without a URL. */
export function targetOf({ url, name, settings }: ProbeEntry): ProbeTarget | undefined {
  return url && { name: name ?? url.shown, url, settings };
}

/** The sites of an Ingress, of which there is at least one. */
export function sitesOf(
  { type, object }: Pick<FoundSubject, "type" | "object">,
  { settings }: ProbeEntry,
  onSkipped: (text: string) => void,
): readonly ProbeTarget[] {
  const { targets, skipped } = ingressTargets(object, settings);
  if (targets.length === 0) {
    throw new KevError("not-found", `${shownObject(type, object.metadata.name)} has no host that could be probed`, {
      hint: [...skipped, "a URL says what to probe"].join("\n"),
    });
  }
  for (const part of skipped) onSkipped(part);
  return targets;
}

/** Events and metrics tell targets apart by their names. @throws usage error */
export function checkTargetNames(targets: readonly ProbeTarget[]): void {
  const names = new Set<string>();
  for (const { name } of targets) {
    if (names.has(name)) {
      throw usageError(`there are two targets of the name ${name}`, {
        hint: "without a name a target is called by its URL, without its query; a file gives names",
      });
    }
    names.add(name);
  }
}
