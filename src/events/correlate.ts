import { usageError } from "../util/errors.ts";
import { createRecentMap } from "../util/recent-map.ts";
import type { KubeEvent } from "./event.ts";
import { limits, truncateBytes } from "./limits.ts";

/** Client-go's numbers, each of which may be another one. */
export interface CorrelationOptions {
  /** From so many different messages on, events that differ in nothing else are combined into one; default 10. `Infinity`: never. */
  readonly combineFrom?: number | undefined;
  /** Milliseconds after the last of such events after which they are counted afresh; default 600 000. */
  readonly combineWithin?: number | undefined;
  /** Events that a source may write about one object at once, for each type; default 25. `Infinity`: any number. */
  readonly burst?: number | undefined;
  /** Milliseconds after which it may write one more; default 300 000. */
  readonly refillEvery?: number | undefined;
  /** Groups of events, objects and events that are remembered, each; default 4096. */
  readonly remembered?: number | undefined;
}

/** An event as it is to be written: its own, or one that stands for several alike. */
export interface CombinedEvent {
  /** The same for what is one event: of repeats the later ones are counted on the first. */
  readonly key: string;
  readonly event: KubeEvent;
}

/** What is remembered of events, so that many become few. It has no clock: times are milliseconds since 1970. */
export interface Correlator {
  /** First of all: which event this one is, or becomes a part of. */
  combine(event: KubeEvent, now: number): CombinedEvent;
  /** Then: whether it may be written. False: its source has said too much about its object. */
  admit(event: KubeEvent, now: number): boolean;
}

const correlationDefaults = {
  combineFrom: 10,
  combineWithin: 600_000,
  burst: 25,
  refillEvery: 300_000,
  remembered: 4_096,
} as const;

/** Client-go's text; the newest message follows. */
export const combinedPrefix = "(combined from similar events): ";

interface Similar {
  /** Fewer than `combineFrom`. */
  readonly messages: Set<string>;
  lastAt: number;
}

interface Bucket {
  /** Milliseconds: `refillEvery` of them are one event. Whole numbers, so that nothing is lost by rounding. */
  credit: number;
  at: number;
}

/**
 * The rules of client-go's EventCorrelator. Two things differ: a combined event keeps its annotations, labels and reporter,
 * and the messages with events of their own stay the first ones, where client-go forgets any of them at each new one.
 *
 * Source: k8s.io/client-go v0.36.1, tools/record/events_cache.go.
 */
export function createCorrelator(options: CorrelationOptions = {}): Correlator {
  const { combineFrom, combineWithin, burst, refillEvery, remembered } = withDefaults(options);
  const groups = createRecentMap<string, Similar>(remembered);
  const buckets = createRecentMap<string, Bucket>(remembered);
  return {
    combine: (event, now) => {
      const key = similarKey(event);
      const known = groups.get(key);
      const group = known && now - known.lastAt <= combineWithin ? known : { messages: new Set<string>(), lastAt: now };
      group.lastAt = now;
      groups.set(key, group);
      const { messages } = group;
      const { message = "" } = event;
      if (messages.has(message)) return { key: sameKey(event), event };
      if (messages.size + 1 >= combineFrom) return { key, event: combined(event) };
      messages.add(message);
      return { key: sameKey(event), event };
    },
    admit: (event, now) => {
      const key = throttleKey(event);
      const most = burst * refillEvery;
      const { credit, at } = buckets.get(key) ?? { credit: most, at: now };
      const left = Math.min(most, credit + Math.max(0, now - at));
      const isAdmitted = left >= refillEvery;
      buckets.set(key, isAdmitted ? { credit: left - refillEvery, at: now } : { credit, at });
      return isAdmitted;
    },
  };
}

function combined(event: KubeEvent): KubeEvent {
  return { ...event, message: truncateBytes(combinedPrefix + (event.message ?? ""), limits.message) };
}

/** Every number that is not given, client-go's. @throws usage error for one that makes no sense */
export function withDefaults(options: CorrelationOptions): Required<Record<keyof CorrelationOptions, number>> {
  const numbers = { ...correlationDefaults } as Record<keyof CorrelationOptions, number>;
  for (const name of Object.keys(correlationDefaults) as (keyof CorrelationOptions)[]) {
    const value = options[name] ?? numbers[name];
    const isAmount = name === "combineFrom" || name === "burst";
    if (!(value >= 1) || (!isAmount && value === Number.POSITIVE_INFINITY)) {
      throw usageError(`${name} is ${value}; it must be a number of at least 1`);
    }
    numbers[name] = value;
  }
  return numbers;
}

// The API's name for `reportingController` in core/v1 is reportingComponent.
function similarKey(event: KubeEvent): string {
  const { reason, reportingComponent, reportingInstance } = event;
  return keyOf("similar", ...aboutKey(event), reason, reportingComponent, reportingInstance);
}

function sameKey(event: KubeEvent): string {
  const { reason, message, involvedObject } = event;
  return keyOf("same", ...aboutKey(event), involvedObject.fieldPath, reason, message);
}

function throttleKey(event: KubeEvent): string {
  return keyOf("source", ...aboutKey(event));
}

type KeyPart = string | undefined;

function aboutKey({ source, type, involvedObject }: KubeEvent): KeyPart[] {
  const { kind, namespace, name, uid, apiVersion } = involvedObject;
  return [source?.component, source?.host, kind, namespace, name, uid, apiVersion, type];
}

// Client-go joins the parts by nothing, so that different events may have one key.
function keyOf(...parts: KeyPart[]): string {
  return JSON.stringify(parts.map((part) => part ?? ""));
}
