import type { RouteObserver } from "../../src/route/route-observer.ts";

/** What a router told, in order, each as the call's name and what was given to it. */
export interface RecordingObserver extends RouteObserver {
  readonly told: readonly (readonly unknown[])[];
}

/** Errors are their messages, dates their text; of deliveries and events the id, or the uid. */
export function recordingObserver(): RecordingObserver {
  const told: unknown[][] = [];
  const note =
    (name: keyof RouteObserver) =>
    (...what: unknown[]): void =>
      void told.push([name, ...what.map(shortened)]);
  return {
    told,
    taken: note("taken"),
    present: note("present"),
    forgotten: note("forgotten"),
    sent: note("sent"),
    retried: note("retried"),
    fellBack: note("fellBack"),
    deadLettered: note("deadLettered"),
    dropped: note("dropped"),
    listed: note("listed"),
    disconnected: note("disconnected"),
    reconnected: note("reconnected"),
    notStored: note("notStored"),
    gap: note("gap"),
  };
}

function shortened(value: unknown): unknown {
  if (value instanceof Error) return value.message;
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== "object" || value === null) return value;
  if ("id" in value) return value.id;
  return (value as { metadata?: { uid?: string } }).metadata?.uid;
}
