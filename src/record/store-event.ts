import type { CoreV1Event } from "@kubernetes/client-node";
import type { KubeEvent } from "../events/event.ts";
import { parseAnswer } from "../kube/answer-error.ts";
import { ApiError } from "../kube/api-error.ts";
import { BadAnswerError } from "../kube/bad-answer-error.ts";
import type { Connection } from "../kube/connection.ts";
import { retriable } from "../kube/retriable.ts";
import { UnreachableError } from "../kube/unreachable-error.ts";
import { type Retriable, type RetryPolicy, retry } from "../util/backoff.ts";
import { KevError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import { InterruptedError } from "../util/interrupted-error.ts";
import { recordOf } from "../util/is-record.ts";

export interface StoreOptions {
  retry: RetryPolicy;
  /** Let the server check everything and store nothing. */
  dryRun?: boolean | undefined;
  fieldManager?: string | undefined;
  /** Which failures are tried again; default {@link retriable}. */
  retriable?: Retriable | undefined;
}

/**
 * Stores `event` under its name, which must be random: a POST that had to be sent again and then meets its own name was
 * stored by an earlier try, and is done. RBAC: create on events.
 *
 * @returns the event as the server stored it; as it was sent when it was stored by a try without an answer and may not be read
 * @throws ApiError when the server refused it, UnreachableError when it could not be asked within the policy's time
 */
export async function storeEvent(connection: Connection, event: KubeEvent, options: StoreOptions): Promise<KubeEvent> {
  let isStored = false;
  const step = async (attempt: number): Promise<KubeEvent> => {
    try {
      return await createEvent(connection, event, options);
    } catch (error) {
      if (attempt === 1 || !isAlreadyExists(error)) throw error;
      isStored = true;
      return await readBack(connection, event, options);
    }
  };
  try {
    return await retryStoring(event, step, options.retriable ?? retriable, options);
  } catch (error) {
    // That its name is taken proves that it is stored, whatever became of reading it.
    if (isStored) return event;
    throw error;
  }
}

/**
 * `retry` for writes of `event`: when it fails after a try that the server may have acted on, the error says so, since
 * nothing is reported that is not known.
 */
export async function retryStoring<T>(
  event: KubeEvent,
  step: (attempt: number) => Promise<T>,
  isRetriable: Retriable,
  { retry: policy, dryRun }: StoreOptions,
): Promise<T> {
  let inDoubt = false;
  const watched = async (attempt: number): Promise<T> => {
    try {
      return await step(attempt);
    } catch (error) {
      inDoubt ||= mayHaveActed(error) || policy.signal?.aborted === true;
      throw error;
    }
  };
  try {
    return await retry(watched, isRetriable, policy);
  } catch (error) {
    throw inDoubt && !dryRun ? withDoubt(error, event) : error;
  }
}

/** One POST, through client-node's typed API. */
export async function createEvent(connection: Connection, event: KubeEvent, options: StoreOptions): Promise<KubeEvent> {
  const api = await connection.coreV1(options.retry.signal, "text");
  const answer = await api.createNamespacedEventWithHttpInfo({
    namespace: event.metadata.namespace ?? "default",
    // The typed model wants Dates and would send milliseconds; strings pass through its serializer as they are.
    body: event as unknown as CoreV1Event,
    fieldManager: options.fieldManager ?? "kev",
    fieldValidation: "Strict",
    ...(options.dryRun && { dryRun: "All" }),
  });
  const path = `/api/v1/namespaces/${event.metadata.namespace ?? "default"}/events`;
  const request = `POST ${path}`;
  const { httpStatusCode } = answer;
  return eventIn(parseAnswer(await answer.body.text(), httpStatusCode, request), event, request, httpStatusCode);
}

/** `answer`, which must be `event` as the server has it. @throws BadAnswerError */
export function eventIn(answer: object, event: KubeEvent, request: string, httpStatus = 200): KubeEvent {
  const { kind, metadata } = recordOf(answer);
  if (kind === "Event" && recordOf(metadata).name === event.metadata.name) return answer as KubeEvent;
  const problem = `with something else than the event: ${JSON.stringify(answer).slice(0, 200)}`;
  throw new BadAnswerError({ request, httpStatus, problem });
}

/** True when the name is taken. */
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.httpStatus === 409 && error.reason === "AlreadyExists";
}

/** Path of one event. */
export function eventPath({ metadata }: KubeEvent): string {
  const namespace = encodeURIComponent(metadata.namespace ?? "default");
  return `/api/v1/namespaces/${namespace}/events/${encodeURIComponent(metadata.name ?? "")}`;
}

async function readBack(connection: Connection, event: KubeEvent, options: StoreOptions): Promise<KubeEvent> {
  try {
    const path = eventPath(event);
    return eventIn(await connection.request<object>({ path, signal: options.retry.signal }), event, `GET ${path}`);
  } catch (error) {
    // Writers of events often may not read them.
    if (error instanceof ApiError && error.httpStatus === 403) return event;
    throw error;
  }
}

// True when a try failed so that the server may have stored the event all the same.
function mayHaveActed(error: unknown): boolean {
  if (error instanceof UnreachableError) return error.reason === "cut" || error.reason === "timeout";
  return error instanceof BadAnswerError || (error instanceof ApiError && error.httpStatus >= 500);
}

function withDoubt(error: unknown, event: KubeEvent): KevError {
  const { name, namespace } = event.metadata;
  const doubtful = kevErrorOf(error);
  doubtful.inDoubt = true;
  doubtful.addHint(`it may have been stored all the same: kubectl get event ${name} -n ${namespace}`);
  return doubtful;
}

/** One of its own: the reason of an abort is that of many. */
function kevErrorOf(error: unknown): KevError {
  if (error instanceof InterruptedError) {
    return new InterruptedError(error.signal, "interrupted while an event was on its way");
  }
  if (error instanceof KevError) return error;
  // An abort of the caller's own is thrown as it is otherwise; here it has something to say.
  return new KevError("failed", errorMessage(error), { cause: error });
}
