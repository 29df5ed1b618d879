import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { kafka } from "../../src/sinks/kafka.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { type KafkaServer, startKafka } from "../servers/kafka-server.ts";
import { kafkaTopics } from "../servers/kafka-topics.ts";
import { bareDelivery, sampleDelivery } from "../support/sample-delivery.ts";
import { sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

let server: KafkaServer;
let topics: Awaited<ReturnType<typeof kafkaTopics>>;
beforeAll(async () => {
  server = await startKafka();
  topics = await kafkaTopics(server.broker);
}, 600_000);
afterAll(() => server.stop());

let made = 0;
async function newTopic(options?: Parameters<typeof topics.create>[1]): Promise<string> {
  const topic = `events-${++made}`;
  await topics.create(topic, options);
  return topic;
}

sinkContract({
  type: kafka,
  start: async () => {
    const topic = await newTopic({ partitions: 1, settings: { "max.message.bytes": "10000000" } });
    return {
      options: { brokers: [server.broker], topic },
      secrets: [],
      received: async () =>
        (await topics.read(topic)).map(({ value }) => {
          const { id, event } = JSON.parse(value) as Delivery;
          return { id, message: event.message ?? "" };
        }),
      bytes: async () =>
        (await topics.read(topic)).map(({ key, value, headers }) => JSON.stringify([key, value, headers])),
      close: async () => undefined,
    };
  },
  except: ["500", "429", "400", "401", "garbage", "hang", "cut", "half"],
});

describe("the sink kafka", () => {
  const never = new AbortController().signal;
  let sinks: Sink[];
  beforeEach(() => {
    sinks = [];
    server.proxy.passage = () => "pass";
    server.proxy.isFrozen = false;
  });
  afterEach(() => Promise.all(sinks.map((sink) => sink.close())));

  async function open(options: Record<string, unknown>): Promise<Sink> {
    const sink = await kafka.create(kafka.options.parse({ brokers: [server.broker], ...options }), sinkServices());
    sinks.push(sink);
    return sink;
  }

  /** Tries as the router does. */
  async function sendUntilTaken(sink: Sink, batch: readonly Delivery[]): Promise<void> {
    await until(async () => {
      try {
        return await sink.send(batch, never);
      } catch {
        return false;
      }
    });
  }

  const about = (name: string, object: string): Delivery =>
    bareDelivery(name, { involvedObject: { kind: "Pod", name: object, uid: object } });
  const ids = async (topic: string) => (await topics.read(topic)).map(({ headers }) => headers.id);
  /** The request that brings records: https://kafka.apache.org/protocol#protocol_api_keys */
  const isProduce = (piece: Buffer): boolean => piece.length > 6 && piece.readInt16BE(4) === 0;

  test("sends a record for each delivery, with the object's uid as its key", async () => {
    const topic = await newTopic();
    const sink = await open({ topic });
    await sink.send([sampleDelivery()], never);
    const [record, ...more] = await topics.read(topic);
    expect(more).toEqual([]);
    expect(record).toEqual({
      partition: expect.any(Number),
      key: "9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22",
      value: JSON.stringify(sampleDelivery()),
      headers: { "content-type": "application/json", id: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711" },
      timestamp: expect.any(Number),
    });
  });

  test("keeps the order for each object, in one partition", async () => {
    const topic = await newTopic({ partitions: 3 });
    const sink = await open({ topic });
    const all = Array.from({ length: 200 }, (_, index) => about(`e-${index}`, `object-${index % 7}`));
    for (let from = 0; from < all.length; from += 50) await sink.send(all.slice(from, from + 50), never);
    const records = await topics.read(topic);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(3);
    for (let object = 0; object < 7; object++) {
      const own = records.filter(({ key }) => key === `object-${object}`);
      const sent = all.filter(({ event }) => event.involvedObject.uid === `object-${object}`);
      expect(own.map(({ headers }) => headers.id)).toEqual(sent.map(({ id }) => id));
      expect(new Set(own.map(({ partition }) => partition)).size).toBe(1);
    }
  });

  test("takes topic, key and time from the event, packed where that is asked for", async () => {
    const topic = await newTopic();
    const sink = await open({
      topic: `${topic}{{ event.type | remove: "Warning" }}`,
      key: "{{ event.reason }}",
      timestamp: "event",
      compression: "gzip",
    });
    const other = bareDelivery("other", { type: "no topic" });
    expect(await sink.send([sampleDelivery(), other], never)).toEqual({
      refused: [{ delivery: other, reason: `"${topic}no topic" is no name of a topic` }],
    });
    const [record] = await topics.read(topic);
    expect(record).toMatchObject({ key: "BackOff", timestamp: Date.parse("2026-11-23T09:29:30Z") });
  });

  test("waits for a topic that is missing", async () => {
    const sink = await open({ topic: "later" });
    await expect(sink.send([about("a", "o")], never)).rejects.toMatchObject({
      name: "SendError",
      retriable: true,
      message: `Kafka at ${server.broker}: there is no topic later`,
    });
    await topics.create("later");
    await sendUntilTaken(sink, [about("a", "o")]);
    expect(await ids("later")).toEqual(["a/1"]);
  });

  test("lets other topics be when one is gone", async () => {
    const [one, two] = [await newTopic(), await newTopic()];
    const sink = await open({ topic: "{{ event.reason }}" });
    const into = (name: string, reason: string) => bareDelivery(name, { reason });
    await sink.send([into("a", one), into("b", two)], never);
    await topics.remove(one);
    await expect(sink.send([into("c", one)], never)).rejects.toMatchObject({ retriable: true });
    await sink.send([into("d", two)], never);
    expect(await ids(two)).toEqual(["b/1", "d/1"]);
  });

  test("says which record is too large for the brokers", async () => {
    const sink = await open({ topic: await newTopic({ settings: { "max.message.bytes": "2000" } }) });
    const large = bareDelivery("large", { message: "x".repeat(5_000) });
    await expect(sink.send([large], never)).rejects.toMatchObject({
      name: "SendError",
      retriable: false,
      message:
        `Kafka at ${server.broker}: ` +
        "The request included a message larger than the max message size the server will accept",
    });
    expect(await sink.send([about("small", "o")], never)).toEqual({ refused: [] });
  });

  test("stores a batch once whose answer was lost", async () => {
    const topic = await newTopic();
    const sink = await open({ topic });
    const batch = ["a", "b", "c", "d", "e"].map((name) => about(name, name));
    await sink.send([about("first", "a")], never);
    server.proxy.passage = (piece) => (isProduce(piece) ? "cut-after" : "pass");
    await expect(sink.send(batch, never)).rejects.toMatchObject({
      retriable: true,
      message: `Kafka at ${server.broker}: Closed connection`,
    });
    await expect(sink.send(batch, never)).rejects.toMatchObject({ retriable: true });
    server.proxy.passage = () => "pass";
    await sendUntilTaken(sink, batch);
    await sink.send([about("last", "a")], never);
    expect((await ids(topic)).sort()).toEqual(["a/1", "b/1", "c/1", "d/1", "e/1", "first/1", "last/1"]);
  });

  test("loses nothing of a batch that follows one whose answer was lost", async () => {
    const topic = await newTopic({ partitions: 1 });
    const sink = await open({ topic });
    server.proxy.passage = (piece) => (isProduce(piece) ? "cut-after" : "pass");
    await expect(sink.send([about("a", "o"), about("b", "o")], never)).rejects.toMatchObject({ retriable: true });
    server.proxy.passage = () => "pass";
    await sendUntilTaken(sink, [about("c", "o"), about("d", "o")]);
    expect(await ids(topic)).toEqual(["a/1", "b/1", "c/1", "d/1"]);
  });

  test("stops when its signal aborts, whatever the broker does, and goes on when it answers", async () => {
    const topic = await newTopic();
    const sink = await open({ topic });
    await sink.send([about("a", "o")], never);
    server.proxy.isFrozen = true;
    const stop = new AbortController();
    const sending = sink.send([about("b", "o")], stop.signal);
    const reason = new Error("took too long");
    stop.abort(reason);
    await expect(sending).rejects.toBe(reason);
    server.proxy.isFrozen = false;
    await sendUntilTaken(sink, [about("b", "o")]);
    await sink.send([about("c", "o")], never);
    expect(await ids(topic)).toEqual(["a/1", "b/1", "c/1"]);
  });

  test("goes on after the broker was killed", async () => {
    const topic = await newTopic();
    const sink = await open({ topic });
    await sink.send([about("a", "o")], never);
    await server.kill();
    await expect(sink.send([about("b", "o")], never)).rejects.toMatchObject({
      name: "SendError",
      retriable: true,
      message: expect.stringMatching(new RegExp(`^Kafka at ${server.broker}: `)),
    });
    await server.start();
    await sendUntilTaken(sink, [about("b", "o")]);
    await sink.send([about("c", "o")], never);
    expect(await ids(topic)).toEqual(["a/1", "b/1", "c/1"]);
  });

  test("says where nobody answers", async () => {
    const sink = await open({ brokers: ["127.0.0.1:1"], topic: "t" });
    await expect(sink.send([about("a", "o")], never)).rejects.toMatchObject({
      name: "SendError",
      retriable: true,
      message: "Kafka at 127.0.0.1:1: connection refused",
    });
  });

  describe("over TLS", () => {
    const secure = (mechanism: string, more: Record<string, unknown> = {}) => ({
      brokers: [server.secureBroker],
      tls: { caFile: server.caFile },
      sasl: { mechanism, ...server.user, ...more },
    });

    test.each(["plain", "scram-sha-256", "scram-sha-512"])("shows its password as %s", async (mechanism) => {
      const topic = await newTopic();
      const sink = await open({ ...secure(mechanism), topic });
      await sink.send([about("a", "o")], never);
      expect(await ids(topic)).toEqual(["a/1"]);
    });

    test.each([
      ["plain", "SASL PLAIN authentication failed: Authentication failed: Invalid username or password"],
      [
        "scram-sha-512",
        "SASL SCRAM SHA512 authentication failed: Authentication failed during authentication due to invalid " +
          "credentials with SASL mechanism SCRAM-SHA-512",
      ],
    ])("is told that a password is wrong: %s", async (mechanism, problem) => {
      const sink = await open({ ...secure(mechanism, { password: "a-wrong-one" }), topic: "t" });
      await expect(sink.send([about("a", "o")], never)).rejects.toMatchObject({
        retriable: true,
        message: `Kafka at ${server.secureBroker}: ${problem}`,
      });
    });

    test("trusts nobody that it should not", async () => {
      const sink = await open({ ...secure("plain"), tls: {}, topic: "t" });
      await expect(sink.send([about("a", "o")], never)).rejects.toMatchObject({
        retriable: true,
        message: expect.stringContaining("unable to verify the first certificate"),
      });
    });
  });
});
