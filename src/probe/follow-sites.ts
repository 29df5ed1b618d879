import { fieldSelector } from "../events/field-selector.ts";
import type { StreamingConnection } from "../kube/connect.ts";
import { listWatch } from "../kube/list-watch/list-watch.ts";
import { isHopeless } from "../kube/list-watch/refusals.ts";
import { objectPath } from "../kube/object-path.ts";
import type { Clock } from "../util/clock.ts";
import { ingressTargets } from "./ingress-targets.ts";
import type { ProbeObserver } from "./probe-observer.ts";
import type { Roster } from "./roster.ts";
import type { Subject } from "./subject.ts";
import type { ProbeEntry, ProbeTarget } from "./target.ts";

export interface FollowedSites {
  readonly subject: Subject;
  readonly entry: ProbeEntry;
  /** Those that the entry has in the roster already. */
  readonly first: readonly ProbeTarget[];
}

/**
 * Keeps the targets of an Ingress what it says, until the signal aborts. RBAC: list and watch on it.
 *
 * @throws ApiError when it may not be followed
 */
export async function followSites(
  { subject, entry, first }: FollowedSites,
  { roster, observer }: { roster: Roster; observer: ProbeObserver },
  connection: StreamingConnection,
  { signal, clock }: { signal: AbortSignal; clock: Clock },
): Promise<void> {
  let wanted = first;
  const path = objectPath(subject.type, subject.namespace);
  const selector = fieldSelector({ "metadata.name": subject.name });
  for await (const step of listWatch(connection, { path, fieldSelector: selector, deletions: true, signal, clock })) {
    if (step.type === "synced") continue;
    if (step.type === "failed") {
      if (isHopeless(step)) throw step.error;
      observer.disconnected(subject, step.error, step.retryIn);
      continue;
    }
    const isGone = step.change === "deleted";
    subject.saw(isGone ? undefined : step.object);
    const { targets, skipped } = isGone ? nothing : ingressTargets(step.object, entry.settings);
    const names = new Set(targets.map(({ name }) => name));
    for (const target of wanted) if (!names.has(target.name)) roster.end(target, entry, isGone);
    const known = new Set(wanted.map(({ name }) => name));
    const added = targets.filter(({ name }) => !known.has(name));
    const refused = added.filter((target) => !roster.begin(target, subject, entry));
    for (const part of skipped) observer.skipped(subject, part);
    for (const target of refused) observer.skipped(subject, takenText(target));
    wanted = targets;
  }
}

/** Of a target whose name another has. */
export function takenText({ name }: ProbeTarget): string {
  return `${name}: it is probed already`;
}

const nothing = { targets: [], skipped: [] };
