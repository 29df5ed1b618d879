import { createHash } from "node:crypto";
import { eventName } from "./event-name.ts";

/** What makes two occurrences one event under `--key`. */
export interface EventKey {
  objectName: string;
  /** uid of the involvedObject: a re-created object starts afresh. */
  uid: string;
  type: string;
  reason: string;
  component: string;
  key: string;
}

/** The name of the one event of a key: the same from every machine, without asking the server. */
export function keyedEventName({ objectName, uid, type, reason, component, key }: EventKey): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([uid, type, reason, component, key]))
    .digest("hex");
  return eventName(objectName, digest.slice(0, 24));
}
