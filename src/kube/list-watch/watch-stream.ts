import type { Readable } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import { answerError } from "../answer-error.ts";
import type { StreamingConnection } from "../connect.ts";
import { unreachable } from "../connection-failure.ts";
import { gatherChunks } from "./gather-chunks.ts";
import type { Selection } from "./list-pages.ts";
import type { WatchedObject } from "./list-watch-step.ts";
import { parseWatchEvent, type WatchEvent } from "./parse-watch-event.ts";
import { readLines } from "./read-lines.ts";

export interface WatchRequest {
  /** All newer than it is sent. */
  resourceVersion: string;
  /** When the server is to end the watch. */
  seconds: number;
  /** Milliseconds without a byte, while one is waited for, after which the connection counts as dead. */
  idle: number;
  /** Milliseconds: see ListWatchOptions. */
  rest: number;
  signal: AbortSignal;
  clock: Clock;
}

/** A watch that the server has accepted. */
export interface Watch<T> {
  /**
   * In groups of what came together. Ends when the server ends the watch. Reads no more than is asked for.
   *
   * @throws KevError: UnreachableError for a connection that was cut or silent, BadAnswerError for what is no event
   */
  readonly events: AsyncGenerator<readonly WatchEvent<T>[], void>;
  /** Ends the connection, if it is still there. Must be called. */
  close(): void;
}

// etcd takes objects of 1.5 MiB, and a few times that when told to.
const longestLine = 16 * 2 ** 20;
const longestStatus = 2 ** 20;

/**
 * Starts one watch; resolves when the answer's head is there. Needs watch.
 *
 * @throws ApiError, UnreachableError, or the signal's reason
 */
export async function openWatch<T extends WatchedObject>(
  connection: StreamingConnection,
  { path, fieldSelector, labelSelector }: Selection,
  { resourceVersion, seconds, idle, rest, signal, clock }: WatchRequest,
): Promise<Watch<T>> {
  const query = new URLSearchParams({
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion,
    timeoutSeconds: String(seconds),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
    ...(labelSelector === undefined ? {} : { labelSelector }),
  });
  const ended = new AbortController();
  const onAbort = (): void => ended.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  const onIdle = (): void => ended.abort(unreachable("timeout", `the watch was silent for ${idle / 1_000}s`));
  let body: Readable | undefined;
  const close = (): void => {
    signal.removeEventListener("abort", onAbort);
    // Ends the connection under an unpacked stream too.
    body?.on("error", () => undefined).destroy();
  };

  try {
    signal.throwIfAborted();
    const answer = await limited(idle, onIdle, () =>
      connection.send({
        method: "GET",
        path: `${path}?${query}`,
        headers: { Accept: "application/json" },
        signal: ended.signal,
        timeout: 0,
        pausable: rest > 0,
      }),
    );
    body = answer.body;
    const chunks = gatherChunks(body, { idle, onIdle, rest, clock });
    if (answer.status < 200 || answer.status > 299) {
      const text = await startOf(chunks, longestStatus);
      const refusal = { status: answer.status, retryAfter: answer.headers["retry-after"], body: text };
      throw answerError(refusal, `GET ${path}`, new URL(connection.server), clock.now().getTime());
    }
    return { events: eventsOf<T>(readLines(chunks, longestLine), path), close };
  } catch (error) {
    close();
    throw error;
  }
}

async function* eventsOf<T extends WatchedObject>(
  groups: AsyncGenerator<readonly string[], void>,
  path: string,
): AsyncGenerator<readonly WatchEvent<T>[], void> {
  for await (const lines of groups) {
    const events: WatchEvent<T>[] = [];
    try {
      for (const line of lines) if (line.trim() !== "") events.push(parseWatchEvent<T>(line, path));
    } catch (error) {
      // What came before it is good.
      yield events;
      throw error;
    }
    yield events;
  }
}

async function startOf(chunks: AsyncIterable<Buffer>, longest: number): Promise<string> {
  const read: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    read.push(chunk);
    length += chunk.length;
    if (length > longest) break;
  }
  return Buffer.concat(read).toString();
}

async function limited<R>(milliseconds: number, onLate: () => void, run: () => Promise<R>): Promise<R> {
  const timer = setTimeout(onLate, milliseconds);
  try {
    return await run();
  } finally {
    clearTimeout(timer);
  }
}
