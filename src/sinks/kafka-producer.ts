import { connect, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls } from "node:tls";
import type { ISocketFactory, Kafka, Partitioners, Producer, SASLOptions, TopicMessages } from "kafkajs";
import { orAborted } from "../util/or-aborted.ts";
import { importClient } from "./import-client.ts";
import { kafkaError, producerSurvives } from "./kafka-error.ts";

export type KafkaModule = { Kafka: typeof Kafka; Partitioners: typeof Partitioners };

export interface KafkaProducerOptions {
  /** `HOST:PORT` of some of them, from which the others are learned. */
  readonly brokers: readonly string[];
  /** Asked before each batch; undefined: no TLS. */
  readonly tls: (() => Promise<ConnectionOptions>) | undefined;
  readonly sasl: { readonly mechanism: SASLOptions["mechanism"]; username: string; password: string } | undefined;
  readonly gzip: boolean;
}

/** Sends batches one after the other, each record acknowledged by all replicas that are in sync. */
export interface KafkaProducer {
  /**
   * A batch that failed, and is sent again as the very next one, is not stored twice by brokers that had it: as long as
   * kev runs, and no more than one broker fails at a time.
   *
   * @param batch what tells it from others
   * @throws SendError; the signal's reason when it aborts
   */
  send(batch: string, messages: readonly TopicMessages[], signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds for a connection, and for the answer to a request. With the retries less than a sink's time-out. */
const connectionTimeout = 5_000;
const requestTimeout = 10_000;
const retry = { retries: 1, initialRetryTime: 200, maxRetryTime: 1_000 };

/**
 * Connects to nothing yet. kafkajs numbers what a producer sends to a partition, so that brokers know what comes twice; after
 * a failure it takes the numbers back. So what follows a failure must be the same batch: another one, under numbers that a
 * broker has seen, would be taken for the first, acknowledged, and lost. Hence a new producer for it, whose numbers are new.
 *
 * @throws usage error when kafkajs is not installed
 */
export async function createKafkaProducer(options: KafkaProducerOptions): Promise<KafkaProducer> {
  const { brokers, sasl, gzip } = options;
  const kafkajs = await importKafka();
  const sockets = new Set<Socket>();
  let tls: ConnectionOptions | undefined;
  let isCut = false;
  let producer: Producer | undefined;
  let failedBatch: string | undefined;
  /** kafkajs cannot be told to stop: what it is still at. */
  let rest: Promise<unknown> = Promise.resolve();

  const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    if (isCut) throw new Error("the connection was given up");
    const socket = tls
      ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...tls }, onConnect)
      : connect({ host, port }, onConnect);
    sockets.add(socket);
    return socket.setKeepAlive(true, 60_000).on("close", () => sockets.delete(socket));
  };

  /** Ends what is under way: kafkajs hears an error on each connection, and gets no new one. */
  function cut(): void {
    isCut = true;
    for (const socket of sockets) socket.destroy(new Error("the connection was given up"));
  }

  async function connected(): Promise<Producer> {
    if (producer) return producer;
    const kafka = new kafkajs.Kafka({
      clientId: "kev",
      brokers: [...brokers],
      connectionTimeout,
      requestTimeout,
      retry,
      ...(sasl && { sasl: sasl as SASLOptions }),
      socketFactory,
      // What it has to say, it throws.
      logCreator: () => () => undefined,
    });
    const next = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry,
    });
    // One that is connected but has no number of its own would send without any.
    await next.connect();
    producer = next;
    return next;
  }

  async function discard(): Promise<void> {
    const former = producer;
    producer = undefined;
    await former?.disconnect().catch(() => undefined);
  }

  async function sendNow(messages: readonly TopicMessages[]): Promise<void> {
    tls = await options.tls?.();
    const to = await connected();
    const topicMessages = [...messages];
    await to.sendBatch({ acks: -1, timeout: requestTimeout, compression: gzip ? 1 : 0, topicMessages });
  }

  return {
    async send(batch, messages, signal) {
      signal.throwIfAborted();
      await orAborted(rest, signal);
      isCut = false;
      if (failedBatch !== undefined && failedBatch !== batch) await orAborted(discard(), signal);
      failedBatch = batch;
      const sending = sendNow(messages);
      rest = sending.catch(() => undefined);
      try {
        await orAborted(sending, signal);
        failedBatch = undefined;
      } catch (error) {
        cut();
        signal.throwIfAborted();
        if (!producerSurvives(error)) rest = discard();
        throw kafkaError(
          error,
          brokers,
          messages.map(({ topic }) => topic),
        );
      }
    },
    async close() {
      cut();
      await rest;
      await discard();
    },
  };
}

/** @throws usage error when it is not installed */
export async function importKafka(): Promise<KafkaModule> {
  const kafkajs = await importClient<KafkaModule>("kafkajs", "kafka");
  await mendRequestQueue();
  return kafkajs;
}

interface RequestQueue {
  readonly throttledUntil: number;
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Once connected, kafkajs 2.2.4 looks a thousand times a second whether a request waits, and Node 24 warns of a time in the
 * past that it does so at. https://github.com/tulios/kafkajs/issues/1704
 */
async function mendRequestQueue(): Promise<void> {
  type Module = { default?: { prototype?: Partial<RequestQueue> & { isMended?: boolean } } };
  const module = await importClient<Module>("kafkajs/src/network/requestQueue/index.js", "kafka").catch(
    () => undefined,
  );
  const prototype = module?.default?.prototype;
  const schedule = prototype?.scheduleCheckPendingRequests;
  if (!prototype || !schedule || prototype.isMended) return;
  prototype.isMended = true;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0 || this.throttledUntil > Date.now()) schedule.call(this);
  };
}
