import type { KubeEvent, KubeObject } from "../../events/event.ts";
import { offsetOf, type ParsedDocument, parseDocuments } from "../../kube/parse-documents.ts";
import type { Delivery, ObjectFacts } from "../../sinks/delivery.ts";
import { usageError } from "../../util/errors.ts";
import { isRecord, recordOf } from "../../util/is-record.ts";
import { coreEventOf } from "../core/core-event.ts";
import { takeIn } from "../core/take-in.ts";
import { shapeProblem } from "./event-shape.ts";

/**
 * The deliveries that a text's events would make if they were seen for the first time: Events of core/v1 or events.k8s.io,
 * Lists of them, a watch's lines, or kev's own lines, which stay as they are. YAML or JSON, one after another.
 *
 * @param source what errors call the text
 * @throws usage error with file and line
 */
export function readDeliveries(text: string, source: string): Delivery[] {
  return [...parseDocuments(text, source)].flatMap((document) => deliveriesOf(document.value, placeOf(document)));
}

/** The objects of a text, Lists taken apart. */
export function readObjects(text: string, source: string): KubeObject[] {
  return [...parseDocuments(text, source)].flatMap((document) => {
    const items = itemsOf(document.value) ?? [document.value];
    return items.map((item) => {
      if (!isObject(item)) throw usageError(`${placeOf(document)}: expected an object of Kubernetes`);
      checkShape("object", item, placeOf(document));
      return item;
    });
  });
}

/** What routes may know of an object. */
export function factsOf({ metadata }: KubeObject): ObjectFacts {
  const { labels = {}, annotations = {}, ownerReferences: owners = [] } = metadata;
  return { labels, annotations, owners };
}

function placeOf({ at, contents }: ParsedDocument): string {
  return at(offsetOf(contents));
}

function deliveriesOf(value: unknown, place: string): Delivery[] {
  const items = itemsOf(value);
  if (items) return items.flatMap((item) => deliveriesOf(item, place));
  const fields = recordOf(value);
  if (isDelivery(fields)) {
    checkShape("event", fields.event, place);
    return [fields];
  }
  // A line of `kubectl get events -w --output-watch-events -o json`.
  if (isRecord(fields.object) && typeof fields.type === "string") return deliveriesOf(fields.object, place);
  const event = coreEventOf(fields);
  if (!event) {
    const kind = typeof fields.kind === "string" ? `a ${fields.kind}` : "something else";
    const found = fields.kind === "Event" ? "one without involvedObject" : kind;
    throw usageError(`${place}: expected an Event, found ${found}`);
  }
  checkShape("event", event, place);
  const taken = takeIn({ event, isListed: false }, undefined, 0);
  return taken?.delivery ? [taken.delivery] : [];
}

function checkShape(what: "event" | "object", value: unknown, place: string): void {
  const problem = shapeProblem(what, value);
  if (problem !== undefined) throw usageError(`${place}: in this ${what}, ${problem}`);
}

function isDelivery(fields: object): fields is Delivery {
  const { id, count, delta, verb, event }: Record<string, unknown> = { ...fields };
  const isCounted = typeof count === "number" && typeof delta === "number";
  return typeof id === "string" && isCounted && typeof verb === "string" && isEvent(event);
}

function isEvent(value: unknown): value is KubeEvent {
  return isRecord(value) && isRecord(value.metadata) && isRecord(value.involvedObject);
}

function isObject(value: unknown): value is KubeObject {
  return isRecord(value) && typeof value.kind === "string" && isRecord(value.metadata);
}

function itemsOf(value: unknown): unknown[] | undefined {
  const items = recordOf(value).items;
  return Array.isArray(items) ? items : undefined;
}
