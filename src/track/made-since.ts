import type { KubeObject } from "../events/event.ts";
import { managedEntries } from "./who-changed.ts";

/**
 * Whether an object that nobody knew was made lately: under a selector it may also have come in because its labels have
 * changed.
 *
 * @param since milliseconds since 1970 by kev's clock, of which a server's may differ; undefined: it is not known
 */
export function isMadeSince(object: KubeObject, since: number | undefined): boolean {
  const { creationTimestamp = "" } = object.metadata;
  return isUntouched(object) || (since !== undefined && Date.parse(creationTimestamp) > since);
}

/** True for what nobody has written to since it was made. */
function isUntouched(object: KubeObject): boolean {
  const { creationTimestamp = "" } = object.metadata;
  const entries = managedEntries(object);
  // Of one without any the server keeps no account: it may have come in as well as have been made.
  return (
    entries.length > 0 &&
    entries.every(({ time, subresource }) => subresource === "status" || time <= creationTimestamp)
  );
}
