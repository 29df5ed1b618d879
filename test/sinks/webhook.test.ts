import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { webhook } from "../../src/sinks/webhook.ts";
import { type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;
const secrets = ["/hook/pa7h-t0ken", "k3y-0f-the-hmac", "s3cret-header", "s3cret-of-a-part"];
const access = {
  headers: { "X-Api": "s3cret-header", "X-Part": "s3cret-of-a-part {{ event.reason }}" },
  signature: { secret: "k3y-0f-the-hmac" },
};

function receiptOf({ id, event }: Delivery): Receipt {
  return { id, ...(event.message === undefined ? {} : { message: event.message }) };
}

sinkContract({
  type: webhook,
  start: () =>
    startHttpReceiver({
      receiptsOf: ({ body }) => [receiptOf(JSON.parse(body))],
      options: (url) => ({ url: `${url}/hook/pa7h-t0ken`, ...access }),
      secrets,
    }),
});

describe("a batch in one request", () => {
  sinkContract({
    type: webhook,
    start: () =>
      startHttpReceiver({
        receiptsOf: ({ body }) => (JSON.parse(body) as Delivery[]).map(receiptOf),
        options: (url) => ({
          url: `${url}/hook/pa7h-t0ken`,
          per: "batch",
          signature: access.signature,
          headers: { "X-Api": "s3cret-header" },
        }),
        secrets: secrets.slice(0, 3),
      }),
  });
});

describe("the sink webhook", () => {
  let receiver: HttpReceiver;
  let sink: Sink;
  beforeEach(async () => {
    receiver = await startHttpReceiver({ receiptsOf: () => [], options: (url) => ({ url }) });
  });
  afterEach(async () => {
    await sink.close();
    await receiver.close();
  });

  async function sent(
    options: Record<string, unknown>,
    batch: readonly Delivery[],
  ): Promise<readonly ReceivedRequest[]> {
    sink = await create(options);
    expect(await sink.send(batch, never)).toEqual({ refused: [] });
    return receiver.requests;
  }
  async function create(options: Record<string, unknown>): Promise<Sink> {
    return webhook.create(webhook.options.parse({ url: `${receiver.url}/hook?a=1`, ...options }), sinkServices());
  }

  test("sends the delivery with its id", async () => {
    const [request] = await sent({}, [bareDelivery("a", { message: "hello" })]);
    const { host, connection, ...headers } = request?.headers ?? {};
    expect({ ...request, headers }).toEqual({
      method: "POST",
      url: "/hook?a=1",
      headers: {
        "content-length": "369",
        "content-type": "application/json",
        "idempotency-key": "a/1",
        "user-agent": "kev/0.0.0-dev",
      },
      body:
        '{"id":"a/1","verb":"ADDED","delta":1,"count":1,"time":"2026-11-23T09:30:00.000Z","event":{"metadata":{"name":"a",' +
        '"namespace":"prod","uid":"a","resourceVersion":"1"},"involvedObject":{"apiVersion":"apps/v1","kind":"Deployment",' +
        '"name":"ui-server","namespace":"prod","uid":"u-1"},"type":"Normal","reason":"Approval","message":"hello",' +
        '"source":{"component":"ci-approver"}}}',
    });
  });

  test("renders body and headers; a line break makes no header", async () => {
    const [request] = await sent(
      {
        method: "PUT",
        headers: { "X-Message": "{{ event.message }}", "X-Static": "as it is" },
        body: {
          text: "{{ event.message }}",
          count: "{{ count }}",
          nothing: "{{ event.nothing }}",
          fixed: [1, null, true],
        },
      },
      [bareDelivery("a", { message: 'line\r\nX-Evil: "1"' })],
    );
    expect(request).toMatchObject({
      method: "PUT",
      headers: { "x-message": 'line X-Evil: "1"', "x-static": "as it is" },
      body: '{"text":"line\\r\\nX-Evil: \\"1\\"","count":1,"nothing":"","fixed":[1,null,true]}',
    });
  });

  test("sends a body that is one template as it is, a line for each event of a batch", async () => {
    const options = { per: "batch", contentType: "text/plain", body: "{{ id }} {{ event.reason }}" };
    const [request] = await sent(options, [bareDelivery("a"), sampleDelivery()]);
    expect(request?.headers["content-type"]).toBe("text/plain");
    expect(request?.body).toBe("a/1 Approval\n3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711 BackOff\n");
  });

  test("signs time and body", async () => {
    const [request] = await sent({ body: "x", signature: { secret: "key", header: "X-Sign" } }, [bareDelivery("a")]);
    // 2026-11-23T09:30:00Z
    const hmac = createHmac("sha256", "key").update("1795426200.x").digest("hex");
    expect(request?.headers).toMatchObject({ "x-kev-timestamp": "1795426200", "x-sign": `sha256=${hmac}` });
  });

  test("refuses one event that the receiver refuses, and sends those behind it", async () => {
    const strict = await startHttpReceiver({
      receiptsOf: () => [],
      options: () => ({}),
      ok: ({ body }) => (body === "a/1" ? { status: 422, body: "no a" } : {}),
    });
    sink = await create({ url: strict.url, body: "{{ id }}" });
    const [a, b] = [bareDelivery("a"), bareDelivery("b")];
    const reason = `${strict.url} answered HTTP 422: no a`;
    expect(await sink.send([a, b], never)).toEqual({ refused: [{ delivery: a, reason }] });
    expect(strict.requests.map(({ body }) => body)).toEqual(["a/1", "b/1"]);
    await strict.close();
  });

  test("refuses an event that its templates take too much for", async () => {
    const body = "{% if id == 'a/1' %}{% for i in (1..100000000) %}x{% endfor %}{% endif %}{{ id }}";
    sink = await create({ body });
    const a = bareDelivery("a");
    const result = await sink.send([a, bareDelivery("b")], never);
    expect(result.refused).toEqual([{ delivery: a, reason: "body: memory alloc limit exceeded (line 1, column 21)" }]);
    expect(receiver.requests.map((request) => request.body)).toEqual(["b/1"]);
  });

  test("does not follow redirects, and says so", async () => {
    const moved = await startHttpReceiver({
      receiptsOf: () => [],
      options: () => ({}),
      ok: () => ({ status: 302, headers: { Location: `${receiver.url}/s3cret` } }),
    });
    sink = await create({ url: moved.url });
    await expect(sink.send([bareDelivery("a")], never)).rejects.toMatchObject({
      message: `${moved.url} answered HTTP 302, a redirect, which kev does not follow`,
      retriable: true,
    });
    expect(receiver.requests).toEqual([]);
    await moved.close();
  });

  test("previews what it would send", async () => {
    sink = await create({ body: { text: "{{ event.message }}" }, ...access });
    const preview = await sink.preview([sampleDelivery()]);
    expect(preview.replaceAll(receiver.url, "ORIGIN")).toBe(`POST ORIGIN/***
User-Agent: kev/0.0.0-dev
X-Api: ***
Content-Type: application/json
Idempotency-Key: 3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711
X-Part: ***BackOff
X-Kev-Timestamp: 1795426200
X-Kev-Signature: ***

{
  "text": "Back-off restarting failed container ui"
}
`);
  });

  test.each([
    [{ per: "batch", headers: { "X-A": "{{ id }}" } }, "headers.X-A is a template, which needs per: event"],
    [{ body: { a: ["{{ id"] } }, 'body.a[0]: output "{{ id" not closed (line 1, column 1)'],
    [{ headers: { "X-A": "{{ id | nope }}" } }, "headers.X-A: undefined filter: nope (line 1, column 1)"],
    [{ tls: { caFile: "ca.pem" } }, "open /nowhere/ca.pem: no such file or directory"],
  ])("refuses %j", async (options, message) => {
    sink = await create({});
    await expect(create(options)).rejects.toMatchObject({ kind: "usage", message });
  });
});
