import type { Delivery } from "../../sinks/delivery.ts";
import type { Repeats } from "../config/route-config.ts";

/** Where one delivery goes. */
export interface Target {
  readonly sink: string;
  readonly repeats: Repeats;
  /** What remembers for it, with the event's uid: the names of the route and of the sink, `failures/chat`. */
  readonly route: string;
}

export interface Router {
  /** Whether a route asks something of the object before it can decide. */
  needsObject(delivery: Delivery): boolean;
  /** Each sink at most once. */
  route(delivery: Delivery): readonly Target[];
}
