import { componentOf } from "../../events/component-of.ts";
import type { Delivery, ObjectFacts } from "../../sinks/delivery.ts";

/** Texts of an event that conditions name, each in the API's own word. What the event does not say is empty. */
export const eventFields: Readonly<Record<string, (delivery: Delivery) => string | undefined>> = {
  type: ({ event }) => event.type,
  reason: ({ event }) => event.reason,
  message: ({ event }) => event.message,
  action: ({ event }) => event.action,
  // The event's, as kubectl's -n means it. It is the object's, and "default" for objects without one.
  namespace: ({ event }) => event.metadata.namespace,
  kind: ({ event }) => event.involvedObject.kind,
  name: ({ event }) => event.involvedObject.name,
  apiVersion: ({ event }) => event.involvedObject.apiVersion,
  fieldPath: ({ event }) => event.involvedObject.fieldPath,
  // What kubectl shows as the source of an event.
  component: ({ event }) => componentOf(event),
  instance: ({ event }) => event.reportingInstance,
  host: ({ event }) => event.source?.host,
};

interface MapField {
  /** Whether it is the object's: then it has to be read. */
  readonly ofObject: boolean;
  read(delivery: Delivery): Record<string, string> | undefined;
}

const ofObject = (member: "labels" | "annotations"): MapField => ({
  ofObject: true,
  read: ({ object }) => object?.[member],
});

/** Maps that conditions name, as `labels: { KEY: … }` or `labels.KEY: …`. */
export const mapFields: Readonly<Record<string, MapField>> = {
  labels: ofObject("labels"),
  annotations: ofObject("annotations"),
  eventLabels: { ofObject: false, read: ({ event }) => event.metadata.labels },
  eventAnnotations: { ofObject: false, read: ({ event }) => event.metadata.annotations },
};

export function memberOf(map: Record<string, string> | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** How `kev route test` shows a text that may be missing. */
export function shown(text: string | undefined): string {
  return text === undefined || text === "" ? "nothing" : text;
}

/** The same for something of the object, which may not have been read, or not be there any more. */
export function shownOf(object: ObjectFacts | undefined, show: (object: ObjectFacts) => string): string {
  return object === undefined ? "nothing: the object is not known" : show(object);
}
