import { describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { loki } from "../../src/sinks/loki.ts";
import { type Answer, type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

type Value = [time: string, line: string, metadata?: Record<string, string>];
interface Push {
  streams: { stream: Record<string, string>; values: Value[] }[];
}

/** A Loki that takes what its push API says, and nothing else. */
function startLoki(
  options: Record<string, unknown> = {},
  ok?: (request: ReceivedRequest) => Answer,
): Promise<HttpReceiver> {
  return startHttpReceiver({
    options: (url) => ({ url, tenant: "platform", bearerToken: "loki-secret", ...options }),
    secrets: ["loki-secret"],
    ok: ok ?? (() => ({ status: 204 })),
    receiptsOf: (request) => {
      expect([request.method, request.url]).toEqual(["POST", "/loki/api/v1/push"]);
      expect(request.headers).toMatchObject({
        "content-type": "application/json",
        "content-encoding": "gzip",
        "x-scope-orgid": "platform",
        authorization: "Bearer loki-secret",
      });
      return receiptsOf(request);
    },
  });
}

/** Loki orders entries by nothing but their time: those of one push are put back in the order of the contract's batch. */
const order = ["3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711", "a/1", "b/22", "c/1"];

function receiptsOf({ body }: ReceivedRequest): Receipt[] {
  const { streams }: Push = JSON.parse(body);
  const receipts = streams.flatMap(({ stream, values }) => {
    expect(Object.keys(stream)).toContain("job");
    return values.map(([time, line, metadata]): Receipt => {
      expect(time).toMatch(/^\d{19}$/);
      expect(Buffer.byteLength(line)).toBeLessThanOrEqual(256 * 1024);
      const { id, event } = JSON.parse(line);
      expect(metadata?.id).toBe(id);
      // A message that was cut cannot be compared.
      return String(event.message).endsWith("…") ? { id } : { id, message: event.message ?? "" };
    });
  });
  return receipts.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

async function sendTo(receiver: HttpReceiver, batch: readonly Delivery[]) {
  const sink = await loki.create(loki.options.parse(receiver.options), sinkServices());
  try {
    return await sink.send(batch, never);
  } finally {
    await sink.close();
    await receiver.close();
  }
}

sinkContract({ type: loki, start: () => startLoki() });

describe("the sink loki", () => {
  test("pushes a stream for each set of labels, by time, and the rest as structured metadata", async () => {
    const receiver = await startLoki();
    const early = bareDelivery("early", { message: "first" });
    await sendTo(receiver, [
      bareDelivery("late"),
      { ...early, time: "2026-11-23T09:00:00.123456789Z", replayed: true },
      sampleDelivery(),
    ]);
    expect(receiver.requests.map(({ body }) => JSON.parse(body))).toEqual([
      {
        streams: [
          {
            stream: { job: "kev", namespace: "prod", kind: "Deployment", type: "Normal" },
            values: [
              [
                "1795424400123456789",
                '{"id":"early/1","count":1,"time":"2026-11-23T09:00:00.123456789Z","event":{"metadata":{"name":"early",' +
                  '"namespace":"prod","uid":"early","resourceVersion":"1"},"involvedObject":{"apiVersion":"apps/v1",' +
                  '"kind":"Deployment","name":"ui-server","namespace":"prod","uid":"u-1"},"type":"Normal",' +
                  '"reason":"Approval","message":"first","source":{"component":"ci-approver"}}}',
                {
                  level: "info",
                  reason: "Approval",
                  name: "ui-server",
                  component: "ci-approver",
                  id: "early/1",
                  verb: "ADDED",
                  delta: "1",
                  count: "1",
                  replayed: "true",
                },
              ],
              [
                "1795426200000000000",
                expect.stringContaining('"id":"late/1"'),
                expect.objectContaining({ id: "late/1" }),
              ],
            ],
          },
          {
            stream: { job: "kev", cluster: "prod-eu", namespace: "prod", kind: "Pod", type: "Warning" },
            values: [
              [
                "1795426170000000000",
                expect.stringContaining('"message":"Back-off restarting failed container ui"'),
                expect.objectContaining({ level: "warn", host: "node-3", count: "3" }),
              ],
            ],
          },
        ],
      },
    ]);
  });

  test("writes lines of logfmt, and everything into them where Loki takes no structured metadata", async () => {
    const receiver = await startHttpReceiver({
      options: (url) => ({ url, line: "logfmt", structuredMetadata: false, labels: { app: "{{ event.reason }}" } }),
      receiptsOf: () => [],
      ok: () => ({ status: 204 }),
    });
    await sendTo(receiver, [sampleDelivery({ event: { ...sampleDelivery().event, message: 'said "no"\n' } })]);
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toEqual({
      streams: [
        {
          stream: { app: "BackOff" },
          values: [
            [
              "1795426170000000000",
              "time=2026-11-23T09:29:30.000Z type=Warning reason=BackOff cluster=prod-eu namespace=prod kind=Pod " +
                "name=ui-server-7d4b9c-x2x7k component=kubelet verb=UPDATED delta=1 count=3 " +
                'id=3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711 message="said \\"no\\"\\n"',
            ],
          ],
        },
      ],
    });
  });

  test("sends the same entry for a change that a router without memory sends again", async () => {
    const receiver = await startLoki();
    await sendTo(receiver, [sampleDelivery(), sampleDelivery({ verb: "ADDED", delta: 3, replayed: true })]);
    const { streams }: Push = JSON.parse(receiver.requests[0]?.body ?? "");
    const [first, second] = streams[0]?.values.map(([time, line]) => [time, line]) ?? [];
    expect(first).toEqual(second);
  });

  test("splits a batch into pushes that Loki's burst limit lets through", async () => {
    const receiver = await startLoki();
    const large = (name: string) => bareDelivery(name, { message: "x".repeat(250_000) });
    const names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    expect(await sendTo(receiver, names.map(large))).toEqual({ refused: [] });
    expect(receiver.requests.map((request) => receiptsOf(request).length)).toEqual([8, 2]);
  });

  test("says of a push with entries that Loki threw away that it is refused, for the caller to halve", async () => {
    const reason = "entry with timestamp 2026-11-23 09:29:30 +0000 UTC ignored, reason: 'entry too far behind'";
    const receiver = await startLoki({}, () => ({ status: 400, body: `${reason},\ntotal ignored: 1 out of 2` }));
    await expect(sendTo(receiver, [sampleDelivery(), bareDelivery("a")])).rejects.toMatchObject({
      message: `${receiver.url} answered HTTP 400: ${reason}, total ignored: 1 out of 2`,
      retriable: false,
    });
  });

  test("does not take 260, which Loki answers where an operator has blocked a tenant, for success", async () => {
    const receiver = await startLoki({}, () => ({ status: 260, body: "ingestion blocked for user platform" }));
    await expect(sendTo(receiver, [sampleDelivery()])).rejects.toMatchObject({
      message: `${receiver.url} answered HTTP 260: ingestion blocked for user platform`,
      retriable: true,
    });
  });

  test("wants label names that Loki takes, and at least one", () => {
    const issues = (labels: unknown) => loki.options.safeParse({ url: "http://loki", labels }).error?.issues;
    expect(issues({ "a-b": "c" })?.map(({ path }) => path)).toEqual([["labels", "a-b"]]);
    expect(issues({})?.map(({ message }) => message)).toEqual(["must name at least one label"]);
  });
});
