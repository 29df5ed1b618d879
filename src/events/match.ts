import { componentOf } from "./component-of.ts";
import type { KubeEvent, ObjectReference } from "./event.ts";
import { occurrencesOf } from "./occurrences.ts";

/** Says whether an event is one of those meant. Matchers keep no state: one serves any number of events. */
export type EventMatcher = (event: KubeEvent) => boolean;

export const anyEvent: EventMatcher = () => true;

/** Events that every matcher matches; all events, of no matchers. */
export function and(...matchers: EventMatcher[]): EventMatcher {
  return (event) => matchers.every((matches) => matches(event));
}

/** Events that at least one matcher matches; no event, of no matchers. */
export function or(...matchers: EventMatcher[]): EventMatcher {
  return (event) => matchers.some((matches) => matches(event));
}

export function not(matcher: EventMatcher): EventMatcher {
  return (event) => !matcher(event);
}

export function hasReason(...reasons: string[]): EventMatcher {
  const wanted = new Set(reasons);
  return ({ reason }) => wanted.has(reason ?? "");
}

/** Types in any case, as `kubectl events --types` compares them. */
export function hasType(...types: string[]): EventMatcher {
  const wanted = new Set(types.map((type) => type.toLowerCase()));
  return ({ type }) => wanted.has((type ?? "").toLowerCase());
}

/**
 * Events from a component: `source.component`, or `reportingComponent` where that is empty. It is what kubectl shows as
 * their source, and what the server's field selector `source` means.
 */
export function fromComponent(...names: string[]): EventMatcher {
  const wanted = new Set(names);
  return (event) => wanted.has(componentOf(event));
}

export function messageMatches(regex: RegExp): EventMatcher {
  // With these flags a RegExp goes on where it ended last.
  const stateless = new RegExp(regex.source, regex.flags.replace(/[gy]/g, ""));
  return ({ message }) => stateless.test(message ?? "");
}

/**
 * Events seen at that time or later. Most events say whole seconds, so the second in which `time` lies belongs to it.
 * Events that say no time match.
 */
export function seenSince(time: Date): EventMatcher {
  const second = Math.floor(time.getTime() / 1_000) * 1_000;
  return (event) => {
    const { last } = occurrencesOf(event);
    return last === undefined || last.getTime() >= second;
  };
}

/**
 * Events first seen at that time or earlier: with {@link seenSince}, those that may have happened between the two, also
 * when they happened before and after as well. Events that say no time match.
 */
export function seenUntil(time: Date): EventMatcher {
  return (event) => {
    const { first, last } = occurrencesOf(event);
    const earliest = first ?? last;
    return earliest === undefined || earliest.getTime() <= time.getTime();
  };
}

/**
 * Events about an object, as far as both say which: kind and name always; namespace, the group of apiVersion and uid
 * unless the reference or the event leaves them out. An event whose involvedObject has no namespace is about an object
 * of its own one. For a node the uid may be its name, which the kubelet writes.
 */
export function about(reference: ObjectReference): EventMatcher {
  return (event) => refersTo(reference, subjectOf(event));
}

/** What an event is about; in the event's own namespace where it says none. */
export function subjectOf({ involvedObject, metadata }: KubeEvent): ObjectReference {
  const namespace = involvedObject.namespace || metadata.namespace;
  return { ...involvedObject, ...(namespace !== undefined && { namespace }) };
}

/** Whether two references may be to one object: {@link about} says how they are compared. */
export function refersTo(wanted: ObjectReference, found: ObjectReference): boolean {
  if (found.kind !== wanted.kind || found.name !== wanted.name) return false;
  const itsUid = found.kind === "Node" && found.uid === found.name ? undefined : found.uid;
  return (
    sameIfSaid(wanted.namespace, found.namespace) &&
    sameIfSaid(groupOf(wanted.apiVersion), groupOf(found.apiVersion)) &&
    sameIfSaid(wanted.uid, itsUid)
  );
}

function sameIfSaid(wanted: string | undefined, found: string | undefined): boolean {
  return !wanted || !found || wanted === found;
}

/** `apps` of `apps/v1`; `core` stands for the group without a name, undefined for no apiVersion. */
function groupOf(apiVersion: string | undefined): string | undefined {
  if (!apiVersion) return undefined;
  const slash = apiVersion.indexOf("/");
  return slash === -1 ? "core" : apiVersion.slice(0, slash);
}
