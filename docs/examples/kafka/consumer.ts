// Puts each event of a topic that `kev route` fills into PostgreSQL, once: what comes again has the same id. As many of these
// may run as the topic has partitions, and each may be killed at any time.
//   npm install kafkajs pg
//   KAFKA_BROKERS=kafka.example.com:9092 PGHOST=postgres.example.com PGDATABASE=kev node consumer.ts
import { Kafka } from "kafkajs";
import pg from "pg";

const { KAFKA_BROKERS = "localhost:9092", KAFKA_TOPIC = "kev-events", KAFKA_GROUP = "kev-events" } = process.env;
const insert = `INSERT INTO kev_events (id, delivery)
  SELECT * FROM unnest($1::text[], $2::jsonb[]) ON CONFLICT (id) DO NOTHING`;

const database = new pg.Pool();
// A connection that breaks while nothing is asked of it is replaced by the next question.
database.on("error", () => undefined);
const consumer = new Kafka({ clientId: KAFKA_GROUP, brokers: KAFKA_BROKERS.split(",") }).consumer({
  groupId: KAFKA_GROUP,
});
await consumer.connect();
await consumer.subscribe({ topic: KAFKA_TOPIC, fromBeginning: true });
await consumer.run({
  // Kafka is told that the batch is done when this resolves. Where it throws, the batch comes again.
  eachBatch: async ({ batch: { messages } }) => {
    const ids = messages.map(({ headers }) => String(headers?.id));
    const deliveries = messages.map(({ value }) => storable(String(value)));
    await database.query(insert, [ids, deliveries]);
  },
});

/** Without the characters that an event may hold and jsonb does not: NUL, and halves of others. */
function storable(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (_key, value: unknown) => {
      return typeof value === "string" ? value.replaceAll("\0", "").replaceAll(/\p{Surrogate}/gu, "") : value;
    }),
  );
}
