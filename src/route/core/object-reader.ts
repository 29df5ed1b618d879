import type { ObjectReference } from "../../events/event.ts";
import { ApiError } from "../../kube/api-error.ts";
import type { Connection } from "../../kube/connection.ts";
import { createRetryDelays } from "../../kube/list-watch/retry-delays.ts";
import { objectPath } from "../../kube/object-path.ts";
import { findObject } from "../../kube/read-objects.ts";
import { createTypeResolver } from "../../kube/resolve-type.ts";
import { retriable } from "../../kube/retriable.ts";
import { isSameObject } from "../../read/is-same-object.ts";
import { eventType } from "../../read/list-events.ts";
import type { ObjectFacts } from "../../sinks/delivery.ts";
import type { Clock } from "../../util/clock.ts";
import { KevError } from "../../util/errors.ts";
import { createRecentMap } from "../../util/recent-map.ts";
import type { ObjectsConfig } from "../config/route-config.ts";
import type { RouteObserver, RouteStatus } from "../route-observer.ts";

export interface ObjectReader {
  /** What the object says of itself; undefined when it is not there any more, or may not be read. */
  facts(reference: ObjectReference, signal: AbortSignal): Promise<ObjectFacts | undefined>;
  readonly status: RouteStatus["objects"];
}

export interface ObjectReaderOptions extends Pick<ObjectsConfig, "cache" | "maxAge"> {
  /** Where events may be listed; undefined: in all namespaces. */
  namespace?: string | undefined;
  clock: Clock;
  random: () => number;
  observer: Pick<RouteObserver, "disconnected">;
}

interface Entry {
  readonly at: number;
  readonly facts: Promise<ObjectFacts | undefined>;
}

/** Milliseconds in which an answer of 5xx may pass by itself. */
const passing = 10_000;

/**
 * Reads the objects that events are about, each once in `maxAge`. A server that fails, or cannot be reached, is waited for:
 * what a route asks of the object must not depend on the weather. A server that can list events, and still fails for the
 * object, is well: the object's own API is broken, as by a conversion webhook that is gone, and anybody may write events
 * about such objects. Nothing is known of these then. RBAC: get on the objects; where that is missing nothing is known of
 * them, which is told once for each type.
 */
export function createObjectReader(connection: Connection, options: ObjectReaderOptions): ObjectReader {
  const { clock, observer } = options;
  const resolver = createTypeResolver(connection, { clock });
  const entries = createRecentMap<string, Entry>(options.cache);
  const told = new Set<string>();
  /** Types whose last read was given up: they are not waited for again. */
  const broken = new Set<string>();
  let [cached, hits, misses] = [0, 0, 0];

  async function read(reference: ObjectReference, signal: AbortSignal): Promise<ObjectFacts | undefined> {
    const { apiVersion, kind = "", namespace, name = "" } = reference;
    const type = await (apiVersion ? resolver.resolveKind(apiVersion, kind) : resolver.resolve(kind));
    if (type.namespaced && !namespace) return undefined;
    const place = type.namespaced ? namespace : undefined;
    const object = await findObject(connection, { type, namespace: place, extent: "metadata", signal }, name);
    if (!object || !isSameObject(object, reference)) return undefined;
    const { labels = {}, annotations = {}, ownerReferences: owners = [] } = object.metadata;
    return { labels, annotations, owners };
  }

  async function canListEvents(signal: AbortSignal): Promise<boolean> {
    try {
      await connection.request({ path: objectPath(eventType, options.namespace), query: { limit: "1" }, signal });
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    }
  }

  async function readPatiently(reference: ObjectReference, signal: AbortSignal): Promise<ObjectFacts | undefined> {
    const delays = createRetryDelays(options.random);
    const type = `${reference.apiVersion} ${reference.kind}`;
    const startedAt = clock.now().getTime();
    for (;;) {
      try {
        const facts = await read(reference, signal);
        broken.delete(type);
        return facts;
      } catch (thrown) {
        signal.throwIfAborted();
        if (!(thrown instanceof KevError)) throw thrown;
        const verdict = retriable(thrown);
        if (!verdict) {
          // References may say anything, as events may; only what may not be read is worth a word.
          const isRefused = thrown instanceof ApiError && (thrown.httpStatus === 401 || thrown.httpStatus === 403);
          if (isRefused && !told.has(reference.kind ?? "")) observer.disconnected("owners", thrown, options.maxAge);
          if (isRefused) told.add(reference.kind ?? "");
          return undefined;
        }
        const isAnswer = thrown instanceof ApiError && thrown.httpStatus >= 500;
        const isLong = broken.has(type) || clock.now().getTime() - startedAt >= passing;
        if (isAnswer && isLong && (await canListEvents(signal))) {
          if (!broken.has(type)) observer.disconnected("owners", thrown, options.maxAge);
          broken.add(type);
          return undefined;
        }
        const retryIn = delays.next(verdict.after);
        observer.disconnected("owners", thrown, retryIn);
        await clock.sleep(retryIn, signal);
      }
    }
  }

  return {
    facts: (reference, signal) => {
      const { apiVersion, kind, namespace, name, uid } = reference;
      const key = JSON.stringify([apiVersion, kind, namespace, name, uid]);
      const now = clock.now().getTime();
      const known = entries.get(key);
      if (known && now - known.at < options.maxAge) {
        hits++;
        return known.facts;
      }
      misses++;
      if (!known) cached = Math.min(cached + 1, options.cache);
      const facts = readPatiently(reference, signal);
      entries.set(key, { at: now, facts });
      return facts;
    },
    get status() {
      return { cached, hits, misses };
    },
  };
}
