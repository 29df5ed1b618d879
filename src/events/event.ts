/** What an event says of its urgency. The API stores any string; kev writes only these. */
export type EventType = "Normal" | "Warning";

/** What an event is about: core/v1 ObjectReference, the API's own field names. */
export interface ObjectReference {
  apiVersion?: string;
  kind?: string;
  name?: string;
  /** Empty (absent) for cluster-scoped objects. */
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  /** `spec.containers{NAME}` for one container of a pod. */
  fieldPath?: string;
}

/** The parts of ObjectMeta that kev reads or writes; others are kept as the server sent them. */
export interface ObjectMeta {
  name?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  /** RFC 3339, whole seconds. */
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  managedFields?: unknown[];
  [field: string]: unknown;
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** Any object of the API, as JSON on the wire. */
export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/**
 * A core/v1 Event as JSON on the wire: timestamps are the server's RFC 3339 strings, not Dates, so that nothing is
 * lost between the server and a printer (eventTime has microseconds).
 */
export interface KubeEvent {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
  involvedObject: ObjectReference;
  related?: ObjectReference | null;
  type?: string;
  reason?: string;
  message?: string;
  action?: string;
  source?: { component?: string; host?: string };
  reportingComponent?: string;
  reportingInstance?: string;
  count?: number;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: { count?: number; lastObservedTime?: string | null } | null;
}
