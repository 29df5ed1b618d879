import type { KubeEvent, KubeObject } from "../../src/events/event.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { unreachable } from "../../src/kube/connection-failure.ts";
import { createProgress } from "../../src/kube/list-watch/progress.ts";
import type { TrackStep } from "../../src/track/change-log.ts";
import type { KnownObject } from "../../src/track/track-store.ts";
import { managed, sampleDeployment } from "./sample-deployment.ts";

/** What becomes of an event that is sent. */
export type Fate = "stored" | "refused" | "unanswered" | "stored, and unanswered";

/** The Deployments of a server, in memory, and the events that are written about them. */
export interface ObjectServer {
  readonly objects: ReadonlyMap<string, KubeObject>;
  /** By name. */
  readonly events: ReadonlyMap<string, KubeEvent>;
  /** Of the next events that are sent; after them all are stored. */
  readonly fates: Fate[];
  /** Makes the object, or sets its replicas to a number that was never used. */
  change(name: string): void;
  remove(name: string): void;
  /** Forgets all history up to now. */
  compact(): void;
  /** What an intake yields that goes on from the mark; undefined: nothing now. */
  read(
    mark: string | undefined,
    missing: () => AsyncIterable<readonly KnownObject[]>,
  ): AsyncGenerator<TrackStep | undefined, never>;
  readonly connection: Connection;
}

/** Items between which a list may be found to be of a forgotten version. */
const pageSize = 2;

export function createObjectServer(): ObjectServer {
  const objects = new Map<string, KubeObject>();
  const events = new Map<string, KubeEvent>();
  const fates: Fate[] = [];
  let version = 10;
  let uids = 0;
  let oldest = version;
  let history: { type: "ADDED" | "MODIFIED" | "DELETED"; version: number; object: KubeObject }[] = [];

  function stateOf(name: string, uid: string): KubeObject {
    const manager = uid === `${name}-${uids}` && !objects.has(name) ? "maker" : "changer";
    const object = sampleDeployment({
      replicas: version,
      resourceVersion: String(version),
      managedFields: [managed(manager, undefined, ["spec/replicas"])],
    });
    return { ...object, metadata: { ...object.metadata, name, uid } };
  }

  async function store(event: KubeEvent): Promise<KubeEvent> {
    const { name = "" } = event.metadata;
    const fate = events.has(name) ? "taken" : (fates.shift() ?? "stored");
    if (fate === "taken") throw apiError(409, "AlreadyExists");
    if (fate === "refused") throw apiError(503, "ServiceUnavailable");
    if (fate !== "unanswered") events.set(name, event);
    if (fate !== "stored") throw unreachable("cut", "the connection was cut");
    return event;
  }

  return {
    objects,
    events,
    fates,
    change: (name) => {
      version++;
      const former = objects.get(name);
      const uid = former?.metadata.uid ?? `${name}-${++uids}`;
      const object = stateOf(name, uid);
      history.push({ type: former ? "MODIFIED" : "ADDED", version, object });
      objects.set(name, object);
    },
    remove: (name) => {
      const former = objects.get(name);
      if (!former) return;
      version++;
      const object = { ...former, metadata: { ...former.metadata, resourceVersion: String(version) } };
      history.push({ type: "DELETED", version, object });
      objects.delete(name);
    },
    compact: () => {
      oldest = version;
      history = [];
    },
    read: async function* (from, missing) {
      const progress = createProgress<KubeObject>(from, { deletions: "watched", present: true });
      for (;;) {
        if (progress.mark === undefined || Number(progress.mark) < oldest) {
          const at = version;
          const items = [...objects.values()];
          progress.beginList(String(at));
          let isForgotten = false;
          for (let next = 0; next < items.length && !isForgotten; next += pageSize) {
            for (const item of items.slice(next, next + pageSize)) {
              for (const { object, change } of progress.listed(item)) {
                if (change === "listed" || change === "present") yield { type: "object", object, change };
              }
            }
            isForgotten = next + pageSize < items.length && at < oldest;
          }
          if (isForgotten) continue;
          progress.endList();
          yield undefined;
          for await (const page of missing()) {
            for (const { uid, reference } of page) {
              yield { type: "deleted", object: { metadata: { uid, name: reference.name ?? "" } }, mark: undefined };
            }
          }
          yield { type: "synced", resourceVersion: String(at) };
          continue;
        }
        const event = history.find((one) => one.version > Number(progress.mark));
        if (!event) {
          yield undefined;
          continue;
        }
        for (const { object, change } of progress.watched(event.type, event.object)) {
          if (change === "deleted") yield { type: "deleted", object, mark: object.metadata.resourceVersion };
          else yield { type: "object", object, change: "watched" };
        }
      }
    },
    connection: {
      coreV1: async () => ({
        createNamespacedEventWithHttpInfo: async ({ body }: { body: unknown }) => {
          const event = await store(body as KubeEvent);
          return { httpStatusCode: 201, body: { text: async () => JSON.stringify({ kind: "Event", ...event }) } };
        },
      }),
    } as unknown as Connection,
  };
}

function apiError(httpStatus: number, reason: string): ApiError {
  return new ApiError({ httpStatus, request: "POST /events", status: { kind: "Status", reason, message: reason } });
}
