import type { KubeEvent } from "../../src/events/event.ts";
import type { ChangeStep } from "../../src/kube/list-watch/list-watch-step.ts";
import { createProgress } from "../../src/kube/list-watch/progress.ts";
import type { IntakeStep } from "../../src/route/core/intake.ts";
import { storedEvent } from "../support/sample-delivery.ts";

/** The events of a server, in memory: what an intake would read from it, without the network between. */
export interface EventServer {
  readonly events: ReadonlyMap<string, KubeEvent>;
  /** Every state that ever was, by `UID/VERSION`. */
  readonly states: ReadonlyMap<string, KubeEvent>;
  /** Makes the event, or counts it up by so many; by 0 something else of it changes. */
  happen(name: string, times: number): void;
  remove(name: string): void;
  /** Forgets all history up to now. */
  compact(): void;
  /** What an intake yields that goes on from the mark; undefined: nothing now. */
  read(mark: string | undefined): Generator<IntakeStep | undefined, never>;
}

interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  readonly event: KubeEvent;
}

/** Items between which a list may be found to be of a forgotten version. */
const pageSize = 2;

export function createEventServer(now: () => number): EventServer {
  const events = new Map<string, KubeEvent>();
  const states = new Map<string, KubeEvent>();
  let version = 10;
  let uids = 0;
  let oldest = version;
  let history: Change[] = [];

  function record(type: Change["type"], event: KubeEvent): void {
    const { uid, name = "" } = event.metadata;
    history.push({ type, version, event });
    if (type === "DELETED") events.delete(name);
    else events.set(name, event);
    states.set(`${uid}/${version}`, event);
  }

  function step({ change, object: event }: ChangeStep<KubeEvent>): IntakeStep {
    const aliveAt = now();
    return change === "deleted" ? { type: "deleted", event, aliveAt } : { type: "event", event, change, aliveAt };
  }

  return {
    events,
    states,
    happen: (name, times) => {
      version++;
      const former = events.get(name);
      const { metadata } = former ?? { metadata: { name, namespace: "prod", uid: `${name}-${++uids}` } };
      const count = (former?.count ?? 0) + (former ? times : Math.max(times, 1));
      const event = storedEvent({ count, message: `said in ${version}` });
      record(former ? "MODIFIED" : "ADDED", { ...event, metadata: { ...metadata, resourceVersion: String(version) } });
    },
    remove: (name) => {
      const former = events.get(name);
      if (!former) return;
      version++;
      record("DELETED", { ...former, metadata: { ...former.metadata, resourceVersion: String(version) } });
    },
    compact: () => {
      oldest = version;
      history = [];
    },
    read: function* (from) {
      const progress = createProgress<KubeEvent>(from, { deletions: "watched", present: true });
      for (;;) {
        if (progress.mark === undefined || Number(progress.mark) < oldest) {
          const at = version;
          const items = [...events.values()].sort((a, b) =>
            (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1,
          );
          progress.beginList(String(at));
          let isForgotten = false;
          for (let next = 0; next < items.length && !isForgotten; next += pageSize) {
            for (const item of items.slice(next, next + pageSize)) yield* progress.listed(item).map(step);
            isForgotten = next + pageSize < items.length && at < oldest;
          }
          if (isForgotten) continue;
          progress.endList();
          yield { type: "synced", resourceVersion: String(at), aliveAt: now(), interruptedAt: undefined };
          continue;
        }
        const change = history.find((one) => one.version > Number(progress.mark));
        if (change) yield* progress.watched(change.type, change.event).map(step);
        else yield undefined;
      }
    },
  };
}
