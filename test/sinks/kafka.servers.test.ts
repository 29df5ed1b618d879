import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { kafka } from "../../src/sinks/kafka.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { type KafkaServer, startKafka } from "../servers/kafka-server.ts";
import { kafkaTopics } from "../servers/kafka-topics.ts";
import { fakeClock } from "../support/fake-clock.ts";
import { sampleDelivery } from "../support/sample-delivery.ts";

let server: KafkaServer;
let topics: Awaited<ReturnType<typeof kafkaTopics>>;
beforeAll(async () => {
  server = await startKafka();
  topics = await kafkaTopics(server.broker);
}, 300_000);
afterAll(() => server.stop());

const never = new AbortController().signal;
const services = {
  env: {},
  clock: fakeClock("2026-05-01T12:00:00Z"),
  cwd: "/",
  hostName: () => "router-0",
  stdout: { write: async () => undefined },
};

async function open(more: Record<string, unknown>): Promise<Sink> {
  return kafka.create(kafka.options.parse({ brokers: [server.broker], ...more }), services);
}

const delivery = (id: string, object: string): Delivery => {
  const one = sampleDelivery({ id });
  return { ...one, event: { ...one.event, involvedObject: { ...one.event.involvedObject, uid: object } } };
};

describe("records", () => {
  test("of an object are in one partition, in order, with their ids", async () => {
    await topics.create("order");
    const sink = await open({ topic: "order" });
    const all = Array.from({ length: 300 }, (_, index) => delivery(`e-${index}/1`, `object-${index % 7}`));
    for (let from = 0; from < 300; from += 50)
      expect(await sink.send(all.slice(from, from + 50), never)).toEqual({ refused: [] });
    await sink.close();
    const records = await topics.read("order");
    expect(records.length).toBe(300);
  });
});
