import { finished, type Readable } from "node:stream";
import type { Clock } from "../../util/clock.ts";
import { KevError } from "../../util/errors.ts";
import { bodyFailure } from "../connection-failure.ts";

export interface GatherOptions {
  /** Milliseconds without a byte, while one is waited for, after which `onIdle` is called. */
  readonly idle: number;
  /** Is to end the body. */
  readonly onIdle: () => void;
  /**
   * Milliseconds that more is waited for after the first bytes, at least and at most: the more came last time, the longer.
   * Undefined: what comes is handed on at once.
   */
  readonly gather?: readonly [least: number, most: number] | undefined;
  readonly clock: Pick<Clock, "sleep">;
}

/** Bytes after which nothing more is waited for. */
const enough = 512 * 1024;
/** Bytes that came together, such as ten events, for which the longest wait pays. */
const many = 16 * 1024;

/**
 * A body in pieces, each of which is all that has come. What comes while nobody asks stays with the stream, which holds the
 * server up: no more than its own buffer is read ahead.
 *
 * @throws KevError: UnreachableError for a body that was cut, after all that came of it
 */
export async function* gatherChunks(body: Readable, options: GatherOptions): AsyncGenerator<Buffer, void> {
  const { idle, onIdle, gather, clock } = options;
  let chunks: Buffer[] = [];
  let length = 0;
  let lastLength = 0;
  let end: { readonly error: unknown } | undefined;
  let onChange = (): void => undefined;
  const takeIn = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
    onChange();
  };
  const stopFollowing = finished(body, { writable: false }, (error) => {
    end = { error };
    onChange();
  });
  body.pause().on("data", takeIn);

  /** Until there is something, or the end. */
  async function wait(): Promise<void> {
    if (length > 0 || end) return;
    // Only while somebody waits for bytes: a caller who takes their time is no silence of the server's.
    const timer = setTimeout(onIdle, idle);
    await new Promise<void>((resolve) => {
      onChange = resolve;
    });
    clearTimeout(timer);
  }

  /** For more, until the time is over, there is enough, or the end comes. */
  async function linger([least, most]: readonly [number, number]): Promise<void> {
    if (length >= enough || end) return;
    const over = new AbortController();
    onChange = () => {
      if (length >= enough || end) over.abort();
    };
    const share = Math.min(lastLength / many, 1);
    await clock.sleep(least + (most - least) * share, over.signal).catch(() => undefined);
  }

  try {
    for (;;) {
      body.resume();
      await wait();
      if (gather) await linger(gather);
      onChange = () => undefined;
      if (length === 0) break;
      body.pause();
      lastLength = length;
      const piece = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      chunks = [];
      length = 0;
      yield piece;
    }
  } finally {
    stopFollowing();
    body.off("data", takeIn);
  }
  if (end?.error) throw end.error instanceof KevError ? end.error : bodyFailure(end.error);
}
