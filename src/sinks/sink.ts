import type { ZodType } from "zod";
import type { Clock } from "../util/clock.ts";
import type { Delivery } from "./delivery.ts";

/**
 * A kind of receiver: one file, one line in the registry, the contract suite. What to do when a send fails (retry, fallback,
 * dead letters), batching and queueing are no business of a sink: they are wrapped around it.
 */
export interface SinkType<Options = unknown> {
  /** `type:` in the config: lower case. */
  readonly type: string;
  /** One line: what it sends where. */
  readonly summary: string;
  /** Where the receiver's interface is documented. */
  readonly documentation: string;
  /** The members of its map in the config, `type` and what all sinks have left out; strict. Each member has a description. */
  readonly options: ZodType<Options>;
  /** Its map in the config, YAML, `type` included: runs as it stands, but for addresses and secrets. */
  readonly example: string;
  /** npm package that is loaded on first use. */
  readonly client?: string;
  /** How much goes into one send where the config says nothing. Default 1 event. */
  readonly batch?: BatchLimits;
  /**
   * Checks what the schema cannot, and builds what sends. Connects to nothing.
   *
   * @throws usage error: options that contradict each other, a file that is missing, `client` that is not installed
   */
  create(options: Options, services: SinkServices): Promise<Sink>;
}

/** Everything a sink has from outside. */
export interface SinkServices {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Relative file names are relative to it. */
  readonly cwd: string;
  readonly hostName: () => string;
  /** The program's own stdout. `write` resolves when all of it has left the process; rejects when nobody reads any more. */
  readonly stdout: { write(text: string): Promise<void> };
}

export interface BatchLimits {
  /** Events. */
  readonly events: number;
  /** Of the deliveries as JSON. */
  readonly bytes: number;
  /** Milliseconds that a batch waits to become full. */
  readonly wait: number;
}

export interface Sink {
  /**
   * Sends the deliveries, in their order. Resolves when the receiver has taken every one that is not in `refused`: nothing
   * may be kept back in memory. Sent again after a failure, some or all may be there twice: by `id` they are the same.
   *
   * @throws SendError: none, or nobody knows which, were taken
   */
  send(batch: readonly Delivery[], signal: AbortSignal): Promise<SendResult>;
  /** What `send` would send, for a person to read. Secrets are masked. */
  preview(batch: readonly Delivery[]): Promise<string>;
  close(): Promise<void>;
}

export interface SendResult {
  /** Those that the receiver will never take, whatever is tried, and why. */
  readonly refused: readonly Refusal[];
}

export interface Refusal {
  readonly delivery: Delivery;
  readonly reason: string;
}

export const allTaken: SendResult = { refused: [] };
