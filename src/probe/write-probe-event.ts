import { hostname } from "node:os";
import { buildEvent } from "../events/build-event.ts";
import type { KubeEvent } from "../events/event.ts";
import { keyedEventName } from "../events/event-key.ts";
import type { Connection } from "../kube/connection.ts";
import { countEvent } from "../record/count-event.ts";
import { type ContentDefaults, resolveContent } from "../record/resolve-content.ts";
import type { Clock } from "../util/clock.ts";
import { type ProbeEvent, probeComponent } from "./probe-events.ts";
import type { Subject } from "./subject.ts";

export interface EventWriterOptions {
  readonly clock: Clock;
  /** As the config file has it: labels, annotations, component, instance. */
  readonly defaults?: ContentDefaults | undefined;
  readonly hostName?: (() => string) | undefined;
}

/**
 * Writes what a probe tells on the object as it is now, in one try. One that has been written under the same occurrence is
 * done, also where its answer was lost.
 *
 * RBAC: get on the object; create, get and patch on events.
 *
 * @throws ApiError, UnreachableError
 */
export type WriteProbeEvent = (
  subject: Subject,
  event: ProbeEvent,
  occurrence: string,
  signal: AbortSignal,
) => Promise<WrittenProbeEvent>;

export interface WrittenProbeEvent {
  readonly event: KubeEvent;
  /** By which it names its object. */
  readonly uid: string | undefined;
}

/** @throws KevError (usage) from the returned function only for defaults that no event may have; they are checked beforehand */
export function createEventWriter(
  connection: Connection,
  { clock, defaults, hostName = hostname }: EventWriterOptions,
): WriteProbeEvent {
  return async (subject, event, occurrence, signal) => {
    const involvedObject = await subject.read(signal);
    const said = { what: event.reason, type: event.type, message: event.message, truncate: true };
    const component = defaults?.component ?? probeComponent;
    const { content } = resolveContent({ ...said, component, defaults }, [], hostName);
    const { type, reason } = content;
    const { name: objectName = "", uid = "" } = involvedObject;
    const name = keyedEventName({ objectName, uid, type, reason, component, key: event.key });
    // Under kev.dev/ nobody else may write any.
    const annotated = { ...content, annotations: { ...content.annotations, ...event.annotations } };
    const built = buildEvent(annotated, { name, involvedObject, at: new Date(event.last) });
    const whole = { ...built, firstTimestamp: timestamp(event.first), count: event.count };
    const options = { retry: { timeout: 0, clock, signal }, occurrence, once: event.once, amount: event.amount };
    return { ...(await countEvent(connection, whole, options)), uid: involvedObject.uid };
  };
}

/** As the API has it: whole seconds. */
function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
