import { usageError } from "../util/errors.ts";
import type { EventType, KubeEvent, ObjectReference } from "./event.ts";
import { limits, truncateBytes, withinLimit } from "./limits.ts";
import { checkAnnotation, checkLabel, isQualifiedName } from "./qualified-name.ts";

/** What an event says, before it is about an object. */
export interface EventContent {
  /** UpperCamelCase, at most 128 bytes. */
  reason: string;
  type: EventType;
  /** At most 1024 bytes. */
  message: string;
  /** Who says it: a qualified name such as `ci-approver` or `example.com/ci`. */
  component: string;
  /** Which one of them: a host or pod name, at most 128 bytes. */
  instance: string;
  /** What was done, at most 128 bytes. */
  action?: string | undefined;
  labels?: Readonly<Record<string, string>> | undefined;
  annotations?: Readonly<Record<string, string>> | undefined;
}

/** `content` as it may be written; throws a usage error for the first thing that may not. */
export function checkContent(content: EventContent, truncate = false): EventContent {
  const { type, component } = content;
  checkReason(content.reason);
  if (type !== "Normal" && type !== "Warning") throw usageError(`type is "${type}"; it must be Normal or Warning`);
  if (!isQualifiedName(component)) {
    throw usageError(`component "${component}" is not a qualified name`, {
      hint: "like ci-approver or example.com/ci",
    });
  }
  for (const [key, value] of Object.entries(content.labels ?? {})) checkLabel(key, value);
  for (const key of Object.keys(content.annotations ?? {})) checkAnnotation(key);
  return {
    ...content,
    reason: withinLimit("reason", content.reason),
    message: truncate ? truncateBytes(content.message, limits.message) : withinLimit("message", content.message),
    instance: withinLimit("reportingInstance", content.instance),
    action: content.action === undefined ? undefined : withinLimit("action", content.action),
  };
}

/** True for UpperCamelCase, the form every reader of events expects. */
export function isReason(text: string): boolean {
  return /^[A-Z][A-Za-z0-9]*$/.test(text);
}

/** Throws a usage error unless {@link isReason}. */
export function checkReason(reason: string): void {
  if (isReason(reason)) return;
  throw usageError(`reason "${reason}" is not UpperCamelCase`, {
    hint: "a reason is a word for machines, like DatabaseMigrated",
  });
}

export interface BuildEventOptions {
  name: string;
  involvedObject: ObjectReference;
  related?: ObjectReference | undefined;
  /** When it happened; kept to the second, as the API does. */
  at: Date;
}

/**
 * The core/v1 Event that kev writes. eventTime stays unset: so it sorts right in `kubectl describe` and every server
 * takes it. It lives in its object's namespace, or in `default` for a cluster-scoped one.
 */
export function buildEvent(content: EventContent, { name, involvedObject, related, at }: BuildEventOptions): KubeEvent {
  const timestamp = `${at.toISOString().slice(0, 19)}Z`;
  const { labels = {}, annotations = {}, action } = content;
  // One literal, and then what is not always there: spreading takes longer than all else of a batch's event.
  const event: KubeEvent = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: involvedObject.namespace ?? "default" },
    involvedObject,
    reason: content.reason,
    message: content.message,
    type: content.type,
    source: { component: content.component, host: content.instance },
    reportingComponent: content.component,
    reportingInstance: content.instance,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
    count: 1,
  };
  if (Object.keys(labels).length > 0) event.metadata.labels = { ...labels };
  if (Object.keys(annotations).length > 0) event.metadata.annotations = { ...annotations };
  if (related !== undefined) event.related = related;
  if (action !== undefined) event.action = action;
  return event;
}
