import { buildEvent } from "../events/build-event.ts";
import { decisionAnnotations, digestsOf } from "../events/decision.ts";
import { describeShowsEvents } from "../events/described-kinds.ts";
import type { KubeEvent, KubeObject, ObjectReference } from "../events/event.ts";
import { keyedEventName } from "../events/event-key.ts";
import { eventName } from "../events/event-name.ts";
import { referenceTo } from "../events/object-reference.ts";
import type { Connection } from "../kube/connection.ts";
import type { TypeResolver } from "../kube/resolve-type.ts";
import { apiVersionOf, type ResourceType } from "../kube/resource-type.ts";
import type { RetryPolicy } from "../util/backoff.ts";
import type { Clock } from "../util/clock.ts";
import { createId } from "../util/create-id.ts";
import { KevError, usageError } from "../util/errors.ts";
import { recordOf } from "../util/is-record.ts";
import { countEvent } from "./count-event.ts";
import type { EmitContent, EmitSettings } from "./emit-options.ts";
import type { ResolvedContent } from "./resolve-content.ts";
import { storeEvent } from "./store-event.ts";

/** What does not depend on what the events say. */
export interface EventWriter {
  /** For storing events, which are tried again by rules of their own. */
  connection: Connection;
  /** For everything else: the same connection, with retries. */
  reader: Connection;
  resolver: TypeResolver;
  policy: RetryPolicy;
  clock: Clock;
  /** The writer's, as far as the server tells. */
  userName: () => Promise<string | undefined>;
  /** A second object. */
  related: (namespace: string, name: string) => Promise<ObjectReference | undefined>;
  /** The same writer, which remembers the same, but also tells `onRetry` of each request that it sends again. */
  counting: (onRetry: () => void) => EventWriter;
}

/** One call of emit: what every event of it says, and what all of them need once. */
export interface Emission extends Omit<EventWriter, "userName" | "related" | "counting"> {
  namespace: string;
  input: EmitContent & EmitSettings;
  resolved: ResolvedContent;
  /** The writer's user name; undefined where the server does not tell. */
  approver: () => Promise<string | undefined>;
  /** Annotations under kev.dev/, which only kev itself may give. */
  own?: Readonly<Record<string, string>>;
  /** What an event's name ends in where there is no key, made of the uid of its object; default random. */
  idFor?: (uid: string) => string;
  /** The second object, in the namespace of the first; without one (a Node has none) in the command's. */
  related: (namespace: string | undefined) => Promise<ObjectReference | undefined>;
}

export interface StoredEvent {
  outcome: "created" | "counted" | "unchanged";
  event: KubeEvent;
}

/** Whether the events of an emission need the whole of an object of `type`, or only its metadata. */
export function needsWhole({ resolved, input }: Emission, type: ResourceType): boolean {
  return isDecidedOn(resolved, type) || input.container !== undefined;
}

/** Writes the event of `emission` on `object`. Throws what building and storing it throw. */
export async function emitOn(emission: Emission, type: ResourceType, object: KubeObject): Promise<StoredEvent> {
  const { connection, input, policy } = emission;
  refuseEvent(type, object.metadata.name);
  const event = await eventOn(emission, type, object);
  if (!describeShowsEvents(type.group, type.kind)) {
    input.onRemark?.(`kubectl describe shows no events of a ${type.kind}; kubectl get events does`);
  }
  if (input.dryRun === "client") return { outcome: "created", event };
  const options = { retry: policy, dryRun: input.dryRun === "server", fieldManager: input.fieldManager };
  if (input.key === undefined) return { outcome: "created", event: await storeEvent(connection, event, options) };
  return await countEvent(connection, event, { ...options, occurrence: createId().slice(0, 10), once: input.once });
}

/** @throws usage error for an object that is itself an event */
export function refuseEvent(type: ResourceType, name = ""): void {
  if (type.kind !== "Event" || !["", "events.k8s.io"].includes(type.group)) return;
  throw usageError(`event/${name} is an event; kev writes none about events`, {
    hint: "name the object that it is about",
  });
}

async function eventOn(emission: Emission, type: ResourceType, object: KubeObject): Promise<KubeEvent> {
  const { input, resolved, clock } = emission;
  const involvedObject = referenceTo(
    { apiVersion: apiVersionOf(type), kind: type.kind, namespaced: type.namespaced },
    object,
    input.container,
  );
  const [related, annotations] = await Promise.all([
    emission.related(object.metadata.namespace),
    decisionOn(emission, type, object),
  ]);
  const content = {
    ...resolved.content,
    annotations: { ...resolved.content.annotations, ...emission.own, ...annotations },
  };
  return buildEvent(content, {
    name: nameFor(emission, involvedObject),
    involvedObject,
    related,
    at: input.at ?? clock.now(),
  });
}

/** The name of a new event of `emission`; with a key that of all its repeats. */
export function nameFor(
  { input, resolved, idFor = createId }: Pick<Emission, "input" | "resolved" | "idFor">,
  { name = "", uid = "" }: ObjectReference,
): string {
  const { type, reason, component } = resolved.content;
  return input.key === undefined
    ? eventName(name, idFor(uid))
    : keyedEventName({ objectName: name, uid, type, reason, component, key: input.key });
}

async function decisionOn(emission: Emission, type: ResourceType, object: KubeObject): Promise<Record<string, string>> {
  const { input, resolved } = emission;
  const { digest, expiresAt } = input;
  if (!isDecidedOn(resolved, type)) {
    if (digest === undefined && expiresAt === undefined) return {};
    throw usageError(
      (name) =>
        `a ${type.kind} has no releases; ${name("digest")} and ${name("expiresAt")} are for decisions about Deployments`,
    );
  }
  if (digest !== undefined) checkReviewed(object, digest);
  const [approver] = await Promise.all([emission.approver(), input.onDecision?.(object)]);
  if (approver === undefined) input.onRemark?.("the server does not say who you are; the event names no approver");
  return decisionAnnotations(object, { approver, expiresAt });
}

/** Throws when the release of `deployment` is not the one that was reviewed. */
function checkReviewed({ metadata, spec }: KubeObject, reviewed: string): void {
  const { digest } = digestsOf(recordOf(spec).template);
  if (digest === reviewed) return;
  const { name = "" } = metadata;
  throw new KevError(
    "not-so",
    `deployments.apps "${name}" has changed since it was reviewed: its release is ${digest}`,
    { hint: `review it again: kev gate status deployment/${name}` },
  );
}

function isDecidedOn({ decision }: ResolvedContent, type: ResourceType): boolean {
  return decision !== undefined && type.group === "apps" && type.kind === "Deployment";
}
