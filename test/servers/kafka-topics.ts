import type { Admin, EachMessageHandler, KafkaMessage } from "kafkajs";
import { importKafka } from "../../src/sinks/kafka-producer.ts";
import { until } from "../support/until.ts";

/** One record, as a consumer gets it. */
export interface KafkaRecord {
  readonly partition: number;
  readonly key: string | undefined;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

export interface TopicOptions {
  /** Default 3. */
  readonly partitions?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

let groups = 0;

/** What tests do with topics beside the sink. */
export async function kafkaTopics(broker: string) {
  const { Kafka } = await importKafka();
  // A broker that was just started has to find out what it leads.
  const retry = { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 };
  const kafka = new Kafka({ brokers: [broker], clientId: "test", retry, logCreator: () => () => undefined });

  async function administer<T>(run: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = kafka.admin();
    await admin.connect();
    try {
      return await run(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Of a topic, in records. */
  async function size(topic: string): Promise<number> {
    let records = 0;
    await until(async () => {
      try {
        const offsets = await administer((admin) => admin.fetchTopicOffsets(topic));
        records = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
        return true;
      } catch {
        return false;
      }
    });
    return records;
  }

  return {
    create: (topic: string, { partitions = 3, settings = {} }: TopicOptions = {}) =>
      administer(async (admin) => {
        const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
        await admin.createTopics({
          waitForLeaders: true,
          topics: [{ topic, numPartitions: partitions, configEntries }],
        });
      }),
    remove: (topic: string) => administer((admin) => admin.deleteTopics({ topics: [topic] })),

    /** All that is in the topic now, in order within each partition. */
    async read(topic: string): Promise<KafkaRecord[]> {
      let left = await size(topic);
      const records: KafkaRecord[] = [];
      if (left === 0) return records;
      const consumer = kafka.consumer({ groupId: `test-${process.pid}-${++groups}` });
      try {
        await consumer.connect();
        await consumer.subscribe({ topic, fromBeginning: true });
        await new Promise<void>((resolve, reject) => {
          // From what may pass it recovers by itself.
          consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || reject(payload.error));
          const eachMessage: EachMessageHandler = async ({ partition, message }) => {
            records.push(recordOf(partition, message));
            if (--left === 0) resolve();
          };
          consumer.run({ eachMessage }).catch(reject);
        });
      } finally {
        await consumer.disconnect();
      }
      return records;
    },
  };
}

function recordOf(partition: number, { key, value, headers = {}, timestamp }: KafkaMessage): KafkaRecord {
  return {
    partition,
    key: key?.toString(),
    value: String(value),
    headers: Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, String(content)])),
    timestamp: Number(timestamp),
  };
}
