import type { KubeEvent } from "../events/event.ts";
import { fieldSelector } from "../events/field-selector.ts";
import type { Connection } from "../kube/connection.ts";
import { listEvents } from "../read/list-events.ts";
import { openOutages, probeReasons } from "./probe-events.ts";
import type { Outage } from "./probe-state.ts";

/** The open outages of all objects of a namespace, by their uid and target. RBAC: list on events. */
export async function readOutages(
  connection: Connection,
  namespace: string,
  signal: AbortSignal,
): Promise<Map<string, Map<string, Outage>>> {
  const told = new Map<string, KubeEvent[]>();
  for (const reason of [probeReasons.down, probeReasons.up]) {
    for (const event of await listEvents(connection, { namespace, fieldSelector: fieldSelector({ reason }), signal })) {
      const { uid = "" } = event.involvedObject;
      told.set(uid, [...(told.get(uid) ?? []), event]);
    }
  }
  return new Map([...told].map(([uid, events]) => [uid, openOutages(events)]));
}
