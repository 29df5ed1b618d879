import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { cloudEventOf } from "../../src/sinks/cloud-event.ts";
import { cloudevents } from "../../src/sinks/cloudevents.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;
const secrets = ["t0ken-of-the-broker", "/s3cret/path"];

interface Structured {
  id: string;
  data: Delivery["event"];
}

function receiptOf({ id, data }: Structured): Receipt {
  return { id, ...(data.message === undefined ? {} : { message: data.message }) };
}

/** What the HTTP protocol binding, section 3, says of each mode. */
const modes: readonly (readonly [string, (request: ReceivedRequest) => readonly Receipt[]])[] = [
  [
    "structured",
    ({ headers, body }) => {
      if (headers["content-type"] !== "application/cloudevents+json; charset=utf-8") throw new Error("wrong type");
      return [receiptOf(JSON.parse(body))];
    },
  ],
  [
    "batched",
    ({ headers, body }) => {
      if (headers["content-type"] !== "application/cloudevents-batch+json; charset=utf-8")
        throw new Error("wrong type");
      return (JSON.parse(body) as Structured[]).map(receiptOf);
    },
  ],
  [
    "binary",
    ({ headers, body }) => {
      if (headers["content-type"] !== "application/json" || headers["ce-specversion"] !== "1.0")
        throw new Error("wrong");
      return [receiptOf({ id: headers["ce-id"] ?? "", data: JSON.parse(body) })];
    },
  ],
];

for (const [mode, receiptsOf] of modes) {
  describe(`in the mode ${mode}`, () => {
    sinkContract({
      type: cloudevents,
      start: () =>
        startHttpReceiver({
          receiptsOf,
          options: (url) => ({ url: `${url}/s3cret/path`, mode, bearerToken: "t0ken-of-the-broker" }),
          secrets,
        }),
    });
  });
}

const attributes = {
  specversion: "1.0",
  id: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711",
  source: "/k8s/5c1d7a00-7b1e-4f53-9a0f-6d1c2b3a4e5f",
  type: "dev.kev.event.updated",
  subject: "/apis/v1/namespaces/prod/pods/ui-server-7d4b9c-x2x7k",
  time: "2026-11-23T09:29:30.000Z",
  datacontenttype: "application/json",
  apiversion: "v1",
  kind: "Pod",
  namespace: "prod",
  name: "ui-server-7d4b9c-x2x7k",
  reason: "BackOff",
  severitytext: "Warning",
  severitynumber: 13,
  partitionkey: "9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22",
  sequence: "00000000000000004711",
  count: 3,
  delta: 1,
};

describe("the sink cloudevents", () => {
  let receiver: HttpReceiver;
  let sink: Sink;
  beforeEach(async () => {
    receiver = await startHttpReceiver({ receiptsOf: () => [], options: (url) => ({ url }) });
  });
  afterEach(async () => {
    await sink.close();
    await receiver.close();
  });

  async function sent(options: Record<string, unknown>, batch: readonly Delivery[]): Promise<ReceivedRequest> {
    const parsed = cloudevents.options.parse({ url: receiver.url, ...options });
    sink = await cloudevents.create(parsed, sinkServices());
    await sink.send(batch, never);
    const [request, ...more] = receiver.requests;
    if (!request || more.length > 0) throw new Error("not one request");
    return request;
  }

  test("sends all of it in the body", async () => {
    const { method, body } = await sent({}, [sampleDelivery()]);
    expect(method).toBe("POST");
    expect(JSON.parse(body)).toEqual({ ...attributes, data: storedEvent() });
  });

  test("sends a batch as list", async () => {
    const { body } = await sent({ mode: "batched", source: "/{{ cluster.name }}" }, [
      sampleDelivery(),
      sampleDelivery(),
    ]);
    const one = { ...attributes, source: "/prod-eu", data: storedEvent() };
    expect(JSON.parse(body)).toEqual([one, one]);
  });

  test("sends attributes in headers, of which other letters are encoded", async () => {
    const event = storedEvent({ reason: 'Bäck "Off" 100% €' });
    const { headers, body } = await sent({ mode: "binary" }, [sampleDelivery({ event })]);
    const { datacontenttype, ...others } = attributes;
    const names = Object.keys(headers).filter((name) => name.startsWith("ce-"));
    expect(Object.fromEntries(names.map((name) => [name, headers[name]]))).toEqual({
      ...Object.fromEntries(Object.entries(others).map(([name, value]) => [`ce-${name}`, String(value)])),
      "ce-reason": "B%C3%A4ck%20%22Off%22%20100%25%20%E2%82%AC",
    });
    expect(headers["content-type"]).toBe(datacontenttype);
    expect(JSON.parse(body)).toEqual(event);
  });
});

describe("a CloudEvent", () => {
  test("has Knative's type and subject where that is asked for", () => {
    expect(cloudEventOf(sampleDelivery(), "knative", undefined).attributes).toEqual({
      ...attributes,
      type: "dev.knative.apiserver.resource.update",
      subject: "/apis/v1/namespaces/prod/events/ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607",
      kind: "Event",
      name: "ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607",
    });
  });

  test("leaves out what the event does not say", () => {
    const { id, verb, delta, count, time } = bareDelivery("a");
    const event = { metadata: { uid: "a" }, involvedObject: { kind: "Node" }, type: "Odd", reason: "" };
    expect(cloudEventOf({ id, verb, delta, count, time, event }, "none", undefined).attributes).toEqual({
      specversion: "1.0",
      id: "a/1",
      source: "/k8s",
      type: "dev.kev.event.added",
      time: "2026-11-23T09:30:00.000Z",
      datacontenttype: "application/json",
      kind: "Node",
      count: 1,
      delta: 1,
    });
  });

  test.each([
    [
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "prod", name: "ui" },
      "/apis/apps/v1/namespaces/prod/deployments/ui",
    ],
    [{ apiVersion: "v1", kind: "Node", name: "node-3" }, "/apis/v1/nodes/node-3"],
    [
      { apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: "a", name: "b" },
      "/apis/networking.k8s.io/v1/namespaces/a/ingresses/b",
    ],
    [
      { apiVersion: "acme.example.com/v1", kind: "Policy", namespace: "a", name: "b" },
      "/apis/acme.example.com/v1/namespaces/a/policies/b",
    ],
    [
      { apiVersion: "acme.example.com/v1", kind: "Glass", namespace: "a", name: "b" },
      "/apis/acme.example.com/v1/namespaces/a/glasses/b",
    ],
    [
      { apiVersion: "acme.example.com/v1", kind: "Widget", namespace: "a", name: "b" },
      "/apis/acme.example.com/v1/namespaces/a/widgets/b",
    ],
    [{ kind: "Widget", name: "b" }, "/apis/widgets/b"],
  ])("about %j has its subject", (involvedObject, subject) => {
    const delivery = bareDelivery("a", { involvedObject });
    expect(cloudEventOf(delivery, "none", undefined).attributes.subject).toBe(subject);
  });

  test("holds no characters that the specification does not allow", () => {
    const delivery = bareDelivery("a", { reason: "a\u0000b\nc\u0085d\ud800e🙂" });
    expect(cloudEventOf(delivery, "none", undefined).attributes.reason).toBe("a b c d e🙂");
  });
});
