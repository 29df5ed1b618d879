import type { KubeEvent, OwnerReference } from "../events/event.ts";

/** One change of an event, as sinks get it: at least one occurrence that was not delivered before. JSON. */
export interface Delivery {
  /**
   * `<event.uid>/<event.resourceVersion>`. The same change has the same id whenever, and by whichever replica, it is
   * delivered: a receiver that knows ids can leave a repeated one out.
   */
  id: string;
  /** `ADDED`: the first delivery of this event; `UPDATED`: it was counted up since. The words of eventrouter. */
  verb: "ADDED" | "UPDATED";
  /** Occurrences since the last delivery of this event, at least 1. Their sum is the event's count. */
  delta: number;
  /** Occurrences in all. */
  count: number;
  /** When the last of them was, RFC 3339, by the event's own word; when the event was made where it says nothing. */
  time: string;
  /** True for what a list showed: it happened while kev was not watching, or before it was started. */
  replayed?: boolean;
  cluster?: Cluster;
  /** The event as the server stores it, without managedFields. */
  event: KubeEvent;
  /** What the object says of itself; only where the config asks for it, and the object could be read. */
  object?: ObjectFacts;
}

/** The cluster that events come from. */
export interface Cluster {
  /** As the config calls it. */
  name?: string;
  /** uid of the namespace kube-system, where it may be read. */
  uid?: string;
}

/** What routes and templates may know of an event's object. */
export interface ObjectFacts {
  labels: Record<string, string>;
  annotations: Record<string, string>;
  owners: OwnerReference[];
}
