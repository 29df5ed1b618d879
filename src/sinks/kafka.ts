import { z } from "zod";
import { tlsOptions } from "../kube/agent.ts";
import { tlsMaterialReader } from "../kube/tls-material.ts";
import { cloudEventOf } from "./cloud-event.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { deliveryJson } from "./delivery-json.ts";
import { httpFields, secret, type TlsFields, template } from "./fields.ts";
import { tlsConfig } from "./http.ts";
import { createKafkaProducer } from "./kafka-producer.ts";
import { maskSecrets } from "./preview-request.ts";
import { makeEach } from "./send-each.ts";
import { SendError } from "./send-error.ts";
import type { SinkServices } from "./sink.ts";
import { compileTemplate } from "./template.ts";

const broker = z
  .string()
  .regex(/^[A-Za-z0-9._-]+:\d{1,5}$/, "must be HOST:PORT")
  .meta({ description: "HOST:PORT of a broker" });

const sasl = z
  .strictObject({
    mechanism: z
      .enum(["plain", "scram-sha-256", "scram-sha-512"])
      .meta({ description: "How the password is shown to the broker; plain shows it as it is, so use it with tls" }),
    username: z.string().min(1, "must not be empty").meta({ description: "User name" }),
    password: secret("Password"),
  })
  .meta({ description: "User and password" });

const options = z.strictObject({
  brokers: z
    .array(broker)
    .min(1, "must name a broker")
    .meta({ description: "Some of the brokers; the others are learned from them" }),
  topic: template("Topic, which must exist; a Liquid template"),
  key: template(
    "Key, a Liquid template: what has the same key is in one partition, in order. Default: the uid of the event's object",
  ).optional(),
  timestamp: z
    .enum(["sent", "event"])
    .meta({ description: "Time of the record: when it is sent, or the event's own, which brokers may find too old" })
    .prefault("sent"),
  cloudEvents: z
    .enum(["none", "structured", "binary"])
    .meta({ description: "Whether records are CloudEvents: all of it in the value, or its attributes in headers" })
    .prefault("none"),
  compression: z.enum(["none", "gzip"]).meta({ description: "How records are packed" }).prefault("none"),
  tls: httpFields.tls,
  sasl: sasl.optional(),
});

/** A name that brokers take: https://kafka.apache.org/documentation/#topicconfigs */
const topicName = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

interface Content {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
}

interface TopicMessage {
  topic: string;
  key: string;
  value: string;
  headers: Record<string, string>;
  /** Milliseconds since 1970. */
  timestamp?: string;
}

/**
 * One record for each delivery: its JSON, or a CloudEvent, with the headers `id` and `content-type`. At least once, and in order for each key; what
 * comes again after a failure is the same `id`.
 */
export const kafka = defineSink({
  type: "kafka",
  summary: "Records in a topic of Apache Kafka, in order for each object",
  documentation: "https://kafka.apache.org/documentation/#intro_concepts_and_terms",
  options,
  client: "kafkajs",
  // Brokers take 1 MiB at once where nothing else is said.
  batch: { events: 500, bytes: 900_000, wait: 20 },
  example: `type: kafka
brokers: [kafka-0.example.com:9093, kafka-1.example.com:9093]
topic: k8s-events
tls: {}
sasl:
  mechanism: scram-sha-512
  username: kev
  password: { fromEnv: KAFKA_PASSWORD }
`,
  async create({ brokers, topic, key, timestamp, cloudEvents, compression, tls, sasl }, services) {
    const topicOf = compileTemplate(topic, "topic");
    const keyOf = key === undefined ? { render: objectKey } : compileTemplate(key, "key");
    const producer = await createKafkaProducer({
      brokers,
      tls: await tlsReader(tls, services),
      sasl,
      gzip: compression === "gzip",
    });

    function messageOf(delivery: Delivery): TopicMessage {
      const name = topicOf.render(delivery);
      if (!topicName.test(name)) {
        throw new SendError(`${JSON.stringify(name)} is no name of a topic`, { retriable: false });
      }
      const { headers, value } = contents[cloudEvents](delivery);
      return {
        topic: name,
        // Without a key a record would be in another partition at each try, where nothing tells that it was sent before.
        key: keyOf.render(delivery),
        value,
        headers: { ...headers, id: delivery.id },
        ...(timestamp === "event" && { timestamp: String(Date.parse(delivery.time)) }),
      };
    }

    return {
      async send(batch, signal) {
        const { made, refused } = makeEach(batch, messageOf);
        const topics = new Map<string, Omit<TopicMessage, "topic">[]>();
        for (const { result } of made) {
          const { topic: name, ...message } = result;
          const messages = topics.get(name) ?? [];
          topics.set(name, messages);
          messages.push(message);
        }
        signal.throwIfAborted();
        const all = [...topics].map(([name, messages]) => ({ topic: name, messages }));
        if (all.length > 0) await producer.send(JSON.stringify(batch.map(({ id }) => id)), all, signal);
        return { refused };
      },
      async preview(batch) {
        const text = batch.map(messageOf).map(({ topic: name, key: text, value, headers }) => {
          const lines = Object.entries(headers).map(([header, content]) => `${header}: ${content}`);
          return [`topic ${name}, key ${text}`, ...lines, "", JSON.stringify(JSON.parse(value), undefined, 2), ""].join(
            "\n",
          );
        });
        return maskSecrets(text.join("\n"), sasl ? [sasl.password] : []);
      },
      close: producer.close,
    };
  },
});

const json = "application/json";

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md */
const contents: Readonly<Record<"none" | "structured" | "binary", (delivery: Delivery) => Content>> = {
  none: (delivery) => ({ headers: { "content-type": json }, value: deliveryJson(delivery) }),
  structured: (delivery) => {
    const { attributes, data } = cloudEventOf(delivery, "none", undefined);
    const headers = { "content-type": "application/cloudevents+json; charset=UTF-8" };
    return { headers, value: JSON.stringify({ ...attributes, data }) };
  },
  binary: (delivery) => {
    const { attributes, data } = cloudEventOf(delivery, "none", undefined);
    const { datacontenttype = json, ...others } = attributes;
    const named = Object.entries(others).map(([name, value]) => [`ce_${name}`, String(value)]);
    return {
      headers: { "content-type": String(datacontenttype), ...Object.fromEntries(named) },
      value: JSON.stringify(data),
    };
  },
};

function objectKey({ event }: Delivery): string {
  const { uid, kind = "", namespace = "", name = "" } = event.involvedObject;
  return uid || `${kind}/${namespace}/${name}`;
}

async function tlsReader(fields: TlsFields | undefined, { cwd, clock }: SinkServices) {
  if (fields === undefined) return undefined;
  const config = tlsConfig(fields, cwd);
  const material = tlsMaterialReader(config, () => clock.now().getTime());
  const read = async () => tlsOptions(config, await material());
  // Broken certificates are said before anything is sent.
  await read();
  return read;
}
