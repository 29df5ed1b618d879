import type { StreamingConnection } from "../kube/connect.ts";
import type { ConnectOptions } from "../kube/connect-options.ts";
import type { ProcessSignals } from "../run/process-signals.ts";
import type { SteadyClock } from "../util/clock.ts";

/** Where a program writes: a stream, and what its reader can show. */
export interface Output {
  write(text: string): void;
  /** Resolves when there is room for more, or `signal` aborts: who writes without end must not outrun the reader. */
  drained(signal: AbortSignal): Promise<void>;
  /**
   * Resolves when all of it has left the process, which a stuck reader may delay for ever without stopping anything else.
   * One text goes out after the other; `write` must not be used beside it. Rejects when it cannot be written, or nobody reads any more.
   */
  send(text: string | Uint8Array): Promise<void>;
  /** Aborts when nobody reads any more, or nothing can be written. */
  readonly closed: AbortSignal;
  readonly isTTY: boolean;
  /** Width of the terminal in columns; undefined when piped. */
  readonly columns: number | undefined;
}

/** All that kev takes from the process it runs in. Heavy members are functions, called only when needed. */
export interface Context {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly homeDir: string;
  readonly hostName: () => string;
  /** `node` like v24.1.0, `platform` like linux/x64. */
  readonly runtime: { readonly node: string; readonly platform: string };
  readonly stdin: {
    readonly isTTY: boolean;
    /** All of it. */
    read(): Promise<string>;
    /** As it comes. */
    chunks(): AsyncIterable<Buffer>;
  };
  readonly stdout: Output;
  readonly stderr: Output;
  readonly clock: SteadyClock;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** For who takes all signals instead; while they are taken `signal` does not abort. */
  readonly signals: ProcessSignals;
  /**
   * For programs that run for days: without it V8 keeps room for new objects by how many have ever passed, up to 30 MiB
   * more after 100,000 events than after 10,000, and on a large machine lets the heap grow to four times what lives.
   */
  readonly keepMemorySteady: () => Promise<void>;
  /**
   * Has the process end with the command, though the system is still at something that cannot be called off, like looking a
   * name up of which no resolver tells anything. Node 22.14 and older wait for it all the same.
   */
  readonly endAtOnce: () => void;
  readonly connect: (options: ConnectOptions) => Promise<StreamingConnection>;
}
