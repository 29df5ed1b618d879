import type { KubeEvent, ObjectReference } from "../events/event.ts";
import { refersTo, subjectOf } from "../events/match.ts";
import { childrenNamedBy, kindOf, namesAsChild, ownersByName } from "../events/offspring.ts";
import type { Connection } from "../kube/connection.ts";
import type { TypeResolver } from "../kube/resolve-type.ts";
import type { KevError } from "../util/errors.ts";
import { createRecentMap } from "../util/recent-map.ts";
import { createOwnerLookup, type Sighting, unseen } from "./owner-lookup.ts";

/** An event about a member of a tree. */
export interface OwnedEvent {
  event: KubeEvent;
  /** True when the object that the event is about is not there any more. */
  isGone: boolean;
}

/** Objects and everything that they own, their owned ones' owned ones included; it learns from the events it is given. */
export interface OwnershipTree {
  /**
   * The events about members, in their order. Give it the events of the namespace as they are: an owner's events tell which
   * objects that are gone were its own. Failures leave it as it was; the same events may be given again.
   *
   * @throws ApiError, UnreachableError
   */
  select(events: readonly KubeEvent[], signal?: AbortSignal): Promise<OwnedEvent[]>;
}

export interface OwnedByOptions {
  /** Default: one without a cache on disk. */
  resolver?: TypeResolver | undefined;
  /** Told once of each type whose objects may not be read: of those, only names and their owners' events tell. */
  onUnreadable?: ((error: KevError) => void) | undefined;
}

/** Objects and words that are remembered; what is forgotten is looked up again. */
const remembered = 50_000;

interface Node extends Sighting {
  readonly reference: ObjectReference;
  isMember: boolean;
}

/**
 * The tree below objects, by the ownerReferences of what events are about: Deployment → ReplicaSets → Pods, CronJob → Jobs →
 * Pods, and those of custom resources. An object that is gone has no ownerReferences any more: it is a member when an event
 * of a member says that it made it, or when it is named as Kubernetes' controllers name what they make.
 *
 * Objects are looked up as events name them: one request for a few of a type, a list of metadata for many. RBAC: get and
 * list on the types that events are about.
 *
 * @param roots by name: whoever bears it, gone ones included
 * @example const rows = await ownedBy(connection, [deployment]).select(await listEvents(connection));
 */
export function ownedBy(
  connection: Connection,
  roots: readonly ObjectReference[],
  options: OwnedByOptions = {},
): OwnershipTree {
  const lookup = createOwnerLookup(connection, {
    ...options,
    clusterScoped: roots.some(({ namespace }) => !namespace),
  });
  const nodes = createRecentMap<string, Node>(remembered);
  /** What events of members name as made by them: NAMESPACE CHILD-KIND NAME. */
  const named = createRecentMap<string, true>(remembered);
  /** NAMESPACE KIND NAME of members (true), and of objects that are there and are none (false). */
  const known = createRecentMap<string, boolean>(remembered);

  const isRoot = (reference: ObjectReference): boolean => roots.some((root) => refersTo(root, reference));

  /** Whether an object of which nothing else is known is a member; names get shorter on the way up. */
  const belongsByName = (reference: ObjectReference): boolean =>
    namesAsChild(reference).some((name) => named.get(`${reference.namespace ?? ""} ${name}`)) ||
    ownersByName(reference).some((owner) => known.get(placeOf(owner)) ?? (isRoot(owner) || belongsByName(owner)));

  const belongs = ({ reference, owners }: Node, nodeOf: NodeOf): boolean =>
    owners ? owners.some((owner) => nodeOf(owner)?.isMember) : belongsByName(reference);

  /** The nodes of objects, of their owners, and of theirs; what is not known is looked up. */
  const meet = async (references: readonly ObjectReference[], signal?: AbortSignal): Promise<NodeOf> => {
    const met = new Map<string, Node>();
    for (let level = references; level.length > 0; ) {
      const unknown = new Map<string, ObjectReference>();
      for (const reference of level) {
        const key = keyOf(reference);
        const node = met.get(key) ?? nodes.get(key);
        if (node) met.set(key, node);
        else unknown.set(key, reference);
      }
      const sightings = await lookup([...unknown.values()], signal);
      const found = [...unknown].map(([key, reference], index) => {
        const node = { reference, ...(sightings[index] ?? unseen), isMember: isRoot(reference) };
        met.set(key, node);
        return node;
      });
      level = found.flatMap(({ owners = [] }) => owners).filter((owner) => !met.has(keyOf(owner)));
    }
    // What could not be read is asked for again.
    for (const [key, node] of met) if (node.owners || node.isGone) nodes.set(key, node);
    return (reference) => met.get(keyOf(reference)) ?? nodes.get(keyOf(reference));
  };

  return {
    select: async (events, signal) => {
      const references = events.map(subjectOf);
      const nodeOf = await meet(references, signal);
      const about = references.map(nodeOf);
      const all = withOwners(about, nodeOf);
      // Each new member may be what makes others members.
      for (let isSettled = false; !isSettled; ) {
        isSettled = true;
        about.forEach((node, index) => {
          const event = events[index];
          if (!node?.isMember || !event) return;
          for (const name of childrenNamedBy(event)) named.set(`${node.reference.namespace ?? ""} ${name}`, true);
        });
        for (const { isMember, owners, reference } of all) {
          if (isMember || owners) known.set(placeOf(reference), isMember);
        }
        for (const node of all) {
          if (node.isMember || !belongs(node, nodeOf)) continue;
          node.isMember = true;
          isSettled = false;
        }
      }
      return events.flatMap((event, index) => {
        const node = about[index];
        return node?.isMember ? [{ event, isGone: node.isGone }] : [];
      });
    },
  };
}

type NodeOf = (reference: ObjectReference) => Node | undefined;

/** The nodes and all above them. */
function withOwners(nodes: readonly (Node | undefined)[], nodeOf: NodeOf): Set<Node> {
  const all = new Set(nodes.filter((node) => node !== undefined));
  // A Set also visits what is added while it is gone through.
  for (const { owners = [] } of all) {
    for (const owner of owners) {
      const node = nodeOf(owner);
      if (node) all.add(node);
    }
  }
  return all;
}

function nameOf(reference: ObjectReference): string {
  return `${kindOf(reference)} ${reference.name}`;
}

function placeOf(reference: ObjectReference): string {
  return `${reference.namespace ?? ""} ${nameOf(reference)}`;
}

/** One object in one of its lives. */
function keyOf(reference: ObjectReference): string {
  return `${nameOf(reference)} ${reference.uid ?? `in ${reference.namespace ?? ""}`}`;
}
