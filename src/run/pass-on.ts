import type { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";

export interface PassOnOptions {
  /** Takes some bytes; the next come when it has resolved. Where it rejects nobody reads any more, and nor does this. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Told of the same bytes. */
  readonly onBytes: (bytes: Uint8Array) => void;
}

/** What is read from a program while it is passed on. */
export interface PassedOn {
  /**
   * Resolves when all that was written up to now is passed on: to `ended`, or to `open` when somebody still has the other
   * end, who may write more at any time.
   */
  drained(): Promise<"ended" | "open">;
  /** Reads no more. `handOver` is called while the source is still there, for somebody else to read on. */
  stop(handOver?: () => void): Promise<void>;
}

/** Bytes: more than any pipe holds (Linux: 64 KiB, and 1 MiB for who asks). */
const mostInPipe = 2 ** 20;

/** Passes on the bytes of `source` as they come, and no faster than they are taken. */
export function passOn(source: Readable, { write, onBytes }: PassOnOptions): PassedOn {
  let received = 0;
  let hasEnded = false;
  let isStopping = false;
  let sending: Promise<void> = Promise.resolve();
  const send = (bytes: Uint8Array): void => {
    received += bytes.length;
    onBytes(bytes);
    source.pause();
    sending = write(bytes).then(
      () => {
        if (!isStopping) source.resume();
      },
      () => void source.destroy(),
    );
  };
  const onEnd = (): void => {
    hasEnded = true;
  };
  source.on("data", send).on("end", onEnd).on("close", onEnd).on("error", onEnd);
  return {
    async drained() {
      const atFirst = received;
      for (;;) {
        await sending;
        if (hasEnded) return "ended";
        const before = received;
        // Between two turns the system is asked for what there is to read.
        for (let turns = 0; turns < 3; turns++) await turn();
        if (hasEnded) continue;
        if (received === before || received - atFirst > mostInPipe) return "open";
      }
    },
    async stop(handOver) {
      isStopping = true;
      await sending;
      source.pause();
      // It would be given what is read here, too.
      source.off("data", send);
      const rest: unknown = source.read();
      if (!hasEnded) handOver?.();
      source.destroy();
      if (!(rest instanceof Uint8Array)) return;
      onBytes(rest);
      await write(rest).catch(() => undefined);
    },
  };
}
