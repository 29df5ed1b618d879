import { finished, type Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../util/clock.ts";
import { KevError } from "../../util/errors.ts";
import { bodyFailure } from "../connection-failure.ts";

export interface GatherOptions {
  /** Milliseconds without a byte, while one is waited for, after which `onIdle` is called. */
  readonly idle: number;
  /** Is to end the body. */
  readonly onIdle: () => void;
  /**
   * Milliseconds, at most, that nothing is read between two pieces: the longer, the more the last one brought. 0: what comes
   * is handed on at once.
   */
  readonly rest: number;
  readonly clock: Pick<Clock, "sleep">;
}

/** Bytes after which a piece is handed on though more may be there; looked at once in a turn of the event loop. */
const enough = 512 * 1024;
/** Bytes that came together, such as ten events, after which the longest rest pays. */
const many = 16 * 1024;
/** Bytes that may be all that fitted on the way: more waits behind them, and a rest would fall behind. */
const backlog = 64 * 1024;

/**
 * A body in pieces, each of which is all that has come. What comes while nobody asks stays with the stream, which holds the
 * server up: no more than its own buffer is read ahead.
 *
 * @throws KevError: UnreachableError for a body that was cut, after all that was read of it
 */
export async function* gatherChunks(body: Readable, options: GatherOptions): AsyncGenerator<Buffer, void> {
  const { idle, onIdle, rest, clock } = options;
  let chunks: Buffer[] = [];
  let length = 0;
  let end: { readonly error: unknown } | undefined;
  let onChange = (): void => undefined;
  const takeIn = (chunk: Buffer): void => {
    chunks.push(chunk);
    length += chunk.length;
    onChange();
  };
  // Its listeners stay: an error that comes when nobody reads any more must not end the process.
  finished(body, { writable: false }, (error) => {
    end = { error };
    onChange();
  });
  body.pause().on("data", takeIn);

  /** Until there is something, or the end. */
  async function arrival(): Promise<void> {
    if (end) return;
    // Only while somebody waits for bytes: a caller who takes their time is no silence of the server's.
    const timer = setTimeout(onIdle, idle);
    await new Promise<void>((resolve) => {
      onChange = resolve;
    });
    clearTimeout(timer);
  }

  /** Until all that is there has been read. */
  async function drain(): Promise<void> {
    for (let before = 0; length > before && length < enough && !end; ) {
      before = length;
      await nextTurn();
    }
  }

  /** Each piece costs as much as several events: where they come quickly, they are better left to gather. */
  async function pause(lastLength: number): Promise<void> {
    if (end) return;
    const over = new AbortController();
    onChange = () => over.abort();
    await clock.sleep(rest * Math.min(lastLength / many, 1), over.signal).catch(() => undefined);
  }

  try {
    for (;;) {
      body.resume();
      await arrival();
      if (rest > 0) await drain();
      if (length === 0) break;
      body.pause();
      const piece = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      chunks = [];
      length = 0;
      yield piece;
      if (rest > 0 && piece.length < backlog) await pause(piece.length);
    }
  } finally {
    body.off("data", takeIn);
  }
  if (end?.error) throw end.error instanceof KevError ? end.error : bodyFailure(end.error);
}
