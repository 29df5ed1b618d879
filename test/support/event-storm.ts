import { setTimeout as sleep } from "node:timers/promises";
import type { KubeEvent } from "../../src/events/event.ts";
import type { Connection } from "../../src/kube/connection.ts";
import { listEvents } from "../../src/read/list-events.ts";

/** Events that are written one after the other, some of them counted up, as long as it goes on. */
export interface EventStorm {
  /** Resolves when the last write is done. */
  stop(): Promise<void>;
  /** Writes so far. */
  readonly writes: number;
}

/** An event about a Pod of the namespace. */
export function podEvent(namespace: string, name: string, more: Partial<KubeEvent> = {}): KubeEvent {
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace },
    involvedObject: { apiVersion: "v1", kind: "Pod", name: "web-0", namespace },
    reason: "BackOff",
    message: `Back-off restarting failed container of ${name}`,
    type: "Warning",
    source: { component: "kubelet" },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    ...more,
  };
}

export async function createEvent(connection: Connection, event: KubeEvent): Promise<KubeEvent> {
  const path = `/api/v1/namespaces/${event.metadata.namespace}/events`;
  return await connection.request<KubeEvent>({ method: "POST", path, body: event });
}

/** Sets the event's count, as a recorder does. */
export async function setCount(connection: Connection, { metadata }: KubeEvent, count: number): Promise<KubeEvent> {
  return await connection.request<KubeEvent>({
    method: "PATCH",
    path: `/api/v1/namespaces/${metadata.namespace}/events/${metadata.name}`,
    contentType: "application/strategic-merge-patch+json",
    body: { count, lastTimestamp: `${new Date().toISOString().slice(0, 19)}Z` },
  });
}

/** Begins to write events of the namespace, every `pause` milliseconds one; every third write counts an earlier one up. */
export function startEventStorm(connection: Connection, namespace: string, pause: number): EventStorm {
  let isEnded = false;
  let writes = 0;
  const written: KubeEvent[] = [];
  const running = (async () => {
    while (!isEnded) {
      const counted = writes % 3 === 2 ? written[(writes * 7) % written.length] : undefined;
      if (counted) counted.count = (await setCount(connection, counted, (counted.count ?? 1) + 1)).count ?? 1;
      else written.push(await createEvent(connection, podEvent(namespace, `e-${writes}`)));
      writes++;
      await sleep(pause);
    }
  })();
  // A failure is told by stop().
  running.catch(() => undefined);
  return {
    stop: async () => {
      isEnded = true;
      await running;
    },
    get writes() {
      return writes;
    },
  };
}

export async function eventsOf(connection: Connection, namespace: string): Promise<KubeEvent[]> {
  return await listEvents(connection, { namespace });
}
