import type { Connection } from "../../src/kube/connection.ts";
import { mapConcurrent } from "../../src/util/map-concurrent.ts";

/** Makes a namespace for events of its own. */
export async function makeNamespace(connection: Connection, name: string): Promise<void> {
  await connection.request({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name } } });
}

export async function writeEvent(connection: Connection, namespace: string, name: string): Promise<void> {
  const at = `${new Date().toISOString().slice(0, 19)}Z`;
  await connection.request({
    method: "POST",
    path: `/api/v1/namespaces/${namespace}/events`,
    body: {
      metadata: { name },
      involvedObject: { apiVersion: "v1", kind: "Pod", name: `web-${name}`, namespace },
      reason: "Scheduled",
      message: `Successfully assigned ${namespace}/web-${name} to worker-3`,
      type: "Normal",
      source: { component: "default-scheduler" },
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    },
  });
}

/** As fast as 16 connections can. */
export async function writeEvents(connection: Connection, namespace: string, number: number): Promise<void> {
  const names = Array.from({ length: number }, (_, index) => `e${index}`);
  for await (const _ of mapConcurrent(names, 16, (name) => writeEvent(connection, namespace, name)));
}
