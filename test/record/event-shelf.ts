import type { KubeEvent } from "../../src/events/event.ts";
import type { ApiRequest, Connection } from "../../src/kube/connection.ts";
import { UnreachableError } from "../../src/kube/unreachable-error.ts";
import { recordOf } from "../../src/util/is-record.ts";
import { type Script, scriptedConnection } from "../kube/scripted-connection.ts";
import { apiError, conflict, eventGone } from "./scripted-events.ts";

/** What becomes of a write: `lost` is carried out, and its answer never arrives. An error is answered. */
export type ShelfFate = "pass" | "away" | "lost" | Error;

/** Takes events as the API server does, and keeps them. */
export interface EventShelf extends Connection {
  /** In the order of their making. */
  readonly events: KubeEvent[];
  /** `POST NAME`, `PATCH NAME {…}`, `GET NAME`. */
  readonly writes: string[];
  /** Of each write to come; without one, all pass. */
  fate: ((write: string, event: Partial<KubeEvent>) => ShelfFate) | undefined;
  /** As the server does after an hour: they are in `expired` then. */
  expire(): void;
  readonly expired: KubeEvent[];
  /** Asked for objects, by what is left of the script. */
  readonly asked: string[];
}

/** @param script answers to requests for objects */
export function eventShelf(script: Script = {}): EventShelf {
  const objects = scriptedConnection(script);
  const stored = new Map<string, KubeEvent>();
  const writes: string[] = [];
  const expired: KubeEvent[] = [];
  let version = 100;

  async function carriedOut<T>(write: string, event: Partial<KubeEvent>, run: () => T): Promise<T> {
    writes.push(write);
    const fate = shelf.fate?.(write, event) ?? "pass";
    await undefined;
    if (fate === "away") throw new UnreachableError("refused", "The connection was refused");
    if (fate instanceof Error) throw fate;
    const result = run();
    if (fate === "lost") throw new UnreachableError("cut", "Unable to connect to the server: EOF");
    return result;
  }

  function create(event: KubeEvent): KubeEvent {
    const { name = "" } = event.metadata;
    if (stored.has(name)) throw conflict("AlreadyExists");
    return put({ ...event, metadata: { ...event.metadata, uid: `uid-${version}` } });
  }

  function put(event: KubeEvent): KubeEvent {
    const now = { ...event, metadata: { ...event.metadata, resourceVersion: String(++version) } };
    stored.set(now.metadata.name ?? "", now);
    return structuredClone(now);
  }

  function found(name: string): KubeEvent {
    const event = stored.get(name);
    if (!event) throw eventGone();
    return event;
  }

  function patch(name: string, body: Partial<KubeEvent>): KubeEvent {
    const before = found(name);
    const { resourceVersion } = body.metadata ?? {};
    if (resourceVersion !== undefined && resourceVersion !== before.metadata.resourceVersion)
      throw conflict("Conflict");
    const { metadata } = before;
    return put({
      ...before,
      ...body,
      metadata: {
        ...metadata,
        labels: { ...metadata.labels, ...body.metadata?.labels },
        annotations: { ...metadata.annotations, ...body.metadata?.annotations },
      },
    });
  }

  async function request<T>(asked: ApiRequest): Promise<T> {
    asked.signal?.throwIfAborted();
    const name = /\/events\/(.+)$/.exec(asked.path)?.[1];
    if (name === undefined) return await objects.request<T>(asked);
    if (asked.method !== "PATCH") return (await carriedOut(`GET ${name}`, {}, () => structuredClone(found(name)))) as T;
    const body = recordOf(JSON.parse(JSON.stringify(asked.body))) as Partial<KubeEvent>;
    return (await carriedOut(`PATCH ${name} ${JSON.stringify(body)}`, body, () => patch(name, body))) as T;
  }

  const shelf: EventShelf = {
    ...objects,
    fate: undefined,
    writes,
    asked: objects.asked,
    get events() {
      return [...stored.values()];
    },
    expired,
    expire: () => {
      expired.push(...stored.values());
      stored.clear();
    },
    request,
    coreV1: async (signal) =>
      ({
        createNamespacedEventWithHttpInfo: async ({ body }: { body: unknown }) => {
          signal?.throwIfAborted();
          const event = JSON.parse(JSON.stringify(body)) as KubeEvent;
          const answer = await carriedOut(`POST ${event.metadata.name}`, event, () => create(event));
          return { body: { text: async () => JSON.stringify(answer) }, httpStatusCode: 201 };
        },
      }) as unknown as Awaited<ReturnType<Connection["coreV1"]>>,
  };
  return shelf;
}

export const busy = (): Error => apiError(503, "ServiceUnavailable");
