import type { KubeEvent } from "../../src/events/event.ts";
import { ApiError } from "../../src/kube/api-error.ts";
import type { Connection } from "../../src/kube/connection.ts";
import type { CoreV1Events } from "../../src/kube/core-v1-api.ts";
import { type Script, type ScriptedConnection, scriptedConnection } from "../kube/scripted-connection.ts";

type CreateRequest = Parameters<CoreV1Events["createNamespacedEventWithHttpInfo"]>[0];

export interface ScriptedEvents extends ScriptedConnection {
  /** What was asked of `createNamespacedEvent`, in order. */
  readonly created: CreateRequest[];
}

/**
 * A connection that also takes events: each POST is answered by the next of `posts`, an error that is thrown or `stored`,
 * which stores it, or another body of a 201; a POST too many fails.
 */
export function scriptedEvents(posts: (Error | "stored" | object)[], script: Script = {}): ScriptedEvents {
  const connection: ScriptedConnection = scriptedConnection(script);
  const created: CreateRequest[] = [];
  const left = [...posts];
  const createNamespacedEventWithHttpInfo = async (request: CreateRequest) => {
    created.push(request);
    const answer = left.shift();
    if (answer === undefined) throw new Error("Unexpected POST of an event");
    if (answer instanceof Error) throw answer;
    if (typeof answer === "object") return { body: { text: async () => JSON.stringify(answer) }, httpStatusCode: 201 };
    const event = request.body as unknown as KubeEvent;
    const stored = { ...event, metadata: { ...event.metadata, uid: "event-uid", resourceVersion: "100" } };
    return { body: { text: async () => JSON.stringify(stored) } };
  };
  const coreV1 = async () =>
    ({ createNamespacedEventWithHttpInfo }) as unknown as Awaited<ReturnType<Connection["coreV1"]>>;
  return Object.assign(connection, { coreV1, created, unused: () => left.map(String) });
}

/** The server's 409 for a name that is taken, or a resourceVersion that is old. */
export function conflict(reason: "AlreadyExists" | "Conflict"): ApiError {
  return apiError(409, reason);
}

/** A 404 about an event. */
export function eventGone(): ApiError {
  return apiError(404, "NotFound");
}

export function apiError(httpStatus: number, reason: string, retryAfter?: number): ApiError {
  const status = { kind: "Status", reason, message: `${reason}!`, code: httpStatus, details: { kind: "events" } };
  return new ApiError({ httpStatus, status, request: "POST /api/v1/namespaces/prod/events", retryAfter });
}
