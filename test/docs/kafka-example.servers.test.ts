import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { loadRouteConfig } from "../../src/route/config/load-route-config.ts";
import { createSinks } from "../../src/route/delivery/create-sinks.ts";
import { sinkTypes } from "../../src/sinks/registry.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { type KafkaServer, startKafka } from "../servers/kafka-server.ts";
import { kafkaTopics } from "../servers/kafka-topics.ts";
import { type PostgresServer, startPostgres } from "../servers/postgres-server.ts";
import { type RunningCommand, startCommand } from "../support/run-command.ts";
import { bareDelivery } from "../support/sample-delivery.ts";
import { sinkServices } from "../support/sink-services.ts";
import { until } from "../support/until.ts";

jest.setTimeout(120_000);

const folder = join(import.meta.dirname, "../../docs/examples/kafka");
const read = (file: string): Promise<string> => readFile(join(folder, file), "utf8");
let kafka: KafkaServer;
let postgres: PostgresServer;
let sink: Sink | undefined;

beforeAll(async () => {
  [kafka, postgres] = await Promise.all([startKafka(), startPostgres()]);
  await postgres.sql(`SET ROLE kev; CREATE SCHEMA AUTHORIZATION kev; ${await read("events.sql")}`);
  await (await kafkaTopics(kafka.broker)).create("kev-events", { partitions: 6 });
  const routes = (await read("routes.yaml")).replaceAll("kafka.example.com:9092", kafka.broker);
  const services = sinkServices();
  const config = await loadRouteConfig(routes, { path: "routes.yaml", sinkTypes, services });
  sink = (await createSinks(config.sinks, services)).get("kafka");
}, 600_000);

afterAll(async () => {
  await sink?.close();
  await Promise.all([kafka.stop(), postgres.stop()]);
});

function startConsumer(): RunningCommand {
  const url = new URL(postgres.url());
  const env = {
    KAFKA_BROKERS: kafka.broker,
    PGHOST: url.hostname,
    PGPORT: url.port,
    PGUSER: url.username,
    PGPASSWORD: url.password,
    PGDATABASE: "kev",
  };
  return startCommand(process.execPath, [join(folder, "consumer.ts")], { env, cwd: folder });
}

test("the consumers of the Kafka example put each event into PostgreSQL once, whatever comes twice", async () => {
  const deliveries = Array.from({ length: 300 }, (_, index) =>
    bareDelivery(`event-${index}`, {
      involvedObject: { kind: "Pod", name: `pod-${index % 20}`, uid: `uid-${index % 20}` },
      message: "with \u0000, \ud800 and a\nsecond line",
    }),
  );
  const { signal } = new AbortController();
  await sink?.send(deliveries.slice(0, 200), signal);
  const consumers = [startConsumer(), startConsumer()];
  try {
    await sink?.send(deliveries.slice(100), signal);
    await until(async () => (await postgres.sql("SELECT count(*) FROM kev.kev_events")) === "300");
  } finally {
    for (const consumer of consumers) consumer.kill("SIGKILL");
    await Promise.all(consumers.map(({ ended }) => ended));
  }

  const sum = "SELECT count(*), sum((delivery->>'delta')::integer), bool_and(delivery->>'id' = id) FROM kev.kev_events";
  expect(await postgres.sql(sum)).toBe("300|300|t");
});
