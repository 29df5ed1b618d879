import type { KubeEvent } from "../../src/events/event.ts";
import { occurrencesOf } from "../../src/events/occurrences.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";

/** Everything that a receiver got, as one that knows ids keeps it. */
export interface DeliveryLedger {
  /** Takes the whole lines of what a run of kev wrote; a last one that was cut off is none. */
  addLines(text: string): void;
  add(delivery: Delivery): void;
  /** By id, in the order in which they came first. */
  readonly deliveries: ReadonlyMap<string, Delivery>;
  /** Deliveries that came again. */
  readonly repeated: number;
  /** uid → sum of the deltas. */
  sums(): Map<string, number>;
  /** What does not agree with the events that the server holds; empty when all is well. */
  differences(events: readonly KubeEvent[]): string[];
}

export function createDeliveryLedger(): DeliveryLedger {
  const deliveries = new Map<string, Delivery>();
  const problems: string[] = [];
  let repeated = 0;

  function add(delivery: Delivery): void {
    const known = deliveries.get(delivery.id);
    if (known === undefined) {
      deliveries.set(delivery.id, delivery);
      return;
    }
    repeated++;
    if (known.delta !== delivery.delta)
      problems.push(`${delivery.id} came with delta ${known.delta} and ${delivery.delta}`);
  }

  function sums(): Map<string, number> {
    const found = new Map<string, number>();
    for (const { event, delta } of deliveries.values()) {
      const { uid = "" } = event.metadata;
      found.set(uid, (found.get(uid) ?? 0) + delta);
    }
    return found;
  }

  return {
    addLines: (text) => {
      for (const line of text.split("\n").slice(0, -1)) add(JSON.parse(line) as Delivery);
    },
    add,
    deliveries,
    get repeated() {
      return repeated;
    },
    sums,
    differences: (events) => {
      const found = sums();
      const wrong = events.flatMap((event) => {
        const { uid = "", name, resourceVersion } = event.metadata;
        const { count } = occurrencesOf(event);
        const sum = found.get(uid) ?? 0;
        const last = deliveries.has(`${uid}/${resourceVersion}`) ? "" : ", its last state was not delivered";
        return sum === count && last === "" ? [] : [`${name}: ${count} on the server, ${sum} delivered${last}`];
      });
      return [...problems, ...wrong];
    },
  };
}
