import { describe, expect, test } from "@jest/globals";
import { kafka } from "../../src/sinks/kafka.ts";
import { kafkaError, producerSurvives } from "../../src/sinks/kafka-error.ts";
import { bareDelivery, sampleDelivery } from "../support/sample-delivery.ts";
import { sinkServices } from "../support/sink-services.ts";

const brokers = ["kafka-0:9092"];

describe("the sink kafka", () => {
  test.each([
    ["no broker", { brokers: [] }, "brokers: must name a broker"],
    ["a broker without a port", { brokers: ["kafka-0"] }, "brokers.0: must be HOST:PORT"],
    ["an IPv6 address", { brokers: ["[::1]:9092"] }, "brokers.0: must be HOST:PORT"],
    [
      "another mechanism",
      { sasl: { mechanism: "gssapi", username: "kev", password: "p" } },
      'sasl.mechanism: Invalid option: expected one of "plain"|"scram-sha-256"|"scram-sha-512"',
    ],
    [
      "an empty password",
      { sasl: { mechanism: "plain", username: "kev", password: "" } },
      "sasl.password: must not be empty",
    ],
    ["half a client certificate", { tls: { certFile: "a.pem" } }, "tls: certFile and keyFile need each other"],
  ])("does not take %s", (_what, options, problem) => {
    const { error } = kafka.options.safeParse({ brokers, topic: "events", ...options });
    expect(error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`)).toEqual([problem]);
  });

  test("is not made with a template that is wrong, or a certificate that is missing", async () => {
    const make = (options: object) =>
      kafka.create(kafka.options.parse({ brokers, topic: "t", ...options }), sinkServices());
    await expect(make({ key: "{{ event.reason" })).rejects.toMatchObject({
      kind: "usage",
      message: 'key: output "{{ event.reason" not closed (line 1, column 1)',
    });
    await expect(make({ tls: { caFile: "ca.pem" } })).rejects.toMatchObject({
      kind: "usage",
      message: "open /nowhere/ca.pem: no such file or directory",
    });
  });

  test("shows what it would send", async () => {
    const sasl = { mechanism: "plain", username: "kev", password: "BackOff" };
    const options = kafka.options.parse({ brokers, topic: "events-{{ event.metadata.namespace }}", sasl });
    const sink = await kafka.create(options, sinkServices());
    const deliveries = [
      bareDelivery("a", { involvedObject: { kind: "Node", name: "n-1" }, message: "BackOff" }),
      bareDelivery("b"),
    ];
    expect(await sink.preview(deliveries)).toBe(`topic events-prod, key Node//n-1
content-type: application/json
id: a/1

{
  "id": "a/1",
  "verb": "ADDED",
  "delta": 1,
  "count": 1,
  "time": "2026-11-23T09:30:00.000Z",
  "event": {
    "metadata": {
      "name": "a",
      "namespace": "prod",
      "uid": "a",
      "resourceVersion": "1"
    },
    "involvedObject": {
      "kind": "Node",
      "name": "n-1"
    },
    "type": "Normal",
    "reason": "Approval",
    "message": "***",
    "source": {
      "component": "ci-approver"
    }
  }
}

topic events-prod, key u-1
content-type: application/json
id: b/1

{
  "id": "b/1",
  "verb": "ADDED",
  "delta": 1,
  "count": 1,
  "time": "2026-11-23T09:30:00.000Z",
  "event": {
    "metadata": {
      "name": "b",
      "namespace": "prod",
      "uid": "b",
      "resourceVersion": "1"
    },
    "involvedObject": {
      "apiVersion": "apps/v1",
      "kind": "Deployment",
      "name": "ui-server",
      "namespace": "prod",
      "uid": "u-1"
    },
    "type": "Normal",
    "reason": "Approval",
    "message": "Manually tested and approved",
    "source": {
      "component": "ci-approver"
    }
  }
}
`);
    await sink.close();
  });
});

test("records are CloudEvents where that is asked for", async () => {
  const shown = async (cloudEvents: string) => {
    const sink = await kafka.create(kafka.options.parse({ brokers, topic: "t", cloudEvents }), sinkServices());
    const text = await sink.preview([bareDelivery("a")]);
    await sink.close();
    return text;
  };
  const data = bareDelivery("a").event;
  const attributes = {
    specversion: "1.0",
    id: "a/1",
    source: "/k8s",
    type: "dev.kev.event.added",
    subject: "/apis/apps/v1/namespaces/prod/deployments/ui-server",
    time: "2026-11-23T09:30:00.000Z",
    apiversion: "apps/v1",
    kind: "Deployment",
    namespace: "prod",
    name: "ui-server",
    reason: "Approval",
    severitytext: "Normal",
    severitynumber: 9,
    partitionkey: "u-1",
    sequence: "00000000000000000001",
    count: 1,
    delta: 1,
  };
  const [head, value = ""] = (await shown("structured")).split("\n\n");
  expect(head).toBe("topic t, key u-1\ncontent-type: application/cloudevents+json; charset=UTF-8\nid: a/1");
  expect(JSON.parse(value)).toEqual({ ...attributes, datacontenttype: "application/json", data });
  const headers = Object.entries(attributes).map(([name, content]) => `ce_${name}: ${content}\n`);
  expect(await shown("binary")).toBe(
    `topic t, key u-1\ncontent-type: application/json\n${headers.join("")}id: a/1\n\n${JSON.stringify(data, undefined, 2)}\n`,
  );
});

/** As kafkajs throws them: what happened is the cause of what it gave up with. */
function thrown(members: Readonly<Record<string, unknown>>): Error {
  const cause = Object.assign(new Error(String(members.message ?? "what happened")), members);
  return Object.assign(new Error("gave up", { cause }), { retriable: false });
}

describe("an error of Kafka", () => {
  test.each([
    ["MESSAGE_TOO_LARGE", false],
    ["RECORD_LIST_TOO_LARGE", false],
    ["INVALID_TIMESTAMP", false],
    ["INVALID_RECORD", false],
    ["INVALID_TOPIC_EXCEPTION", false],
    ["NOT_ENOUGH_REPLICAS", true],
    ["SASL_AUTHENTICATION_FAILED", true],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", true],
    ["KAFKAJS_UNKNOWN_ERROR_CODE", true],
  ])("%s: may pass: %s", (type, retriable) => {
    expect(kafkaError(thrown({ type }), brokers, ["t"])).toMatchObject({
      name: "SendError",
      retriable,
      retryAfter: undefined,
      message: "Kafka at kafka-0:9092: what happened",
    });
  });

  test.each([
    [{ type: "UNKNOWN_TOPIC_OR_PARTITION" }, "there is no topic one, two"],
    [{ type: "TOPIC_AUTHORIZATION_FAILED" }, "the topic one, two may not be written to"],
    [{ code: "ECONNREFUSED" }, "connection refused"],
    [{ message: `a\n${"b".repeat(300)}` }, `a ${"b".repeat(197)}…`],
  ])("%j is said as it is", (members, problem) => {
    expect(kafkaError(thrown(members), ["a:1", "b:2"], ["one", "two"]).message).toBe(`Kafka at a:1, b:2: ${problem}`);
  });

  test("leaves the producer as it is only where the same may be sent again", () => {
    expect(producerSurvives(thrown({ retriable: true }))).toBe(true);
    expect(producerSurvives(thrown({ retriable: false, type: "OUT_OF_ORDER_SEQUENCE_NUMBER" }))).toBe(false);
    expect(producerSurvives(new TypeError("a mistake"))).toBe(false);
  });
});

test("a delivery that names no topic is refused by itself", async () => {
  const options = kafka.options.parse({ brokers, topic: "{{ object.labels.topic }}" });
  const sink = await kafka.create(options, sinkServices());
  const delivery = sampleDelivery();
  expect(await sink.send([delivery], new AbortController().signal)).toEqual({
    refused: [{ delivery, reason: '"" is no name of a topic' }],
  });
  await sink.close();
});
