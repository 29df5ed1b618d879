import { describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { elasticsearch } from "../../src/sinks/elasticsearch.ts";
import { type Answer, type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

interface Item {
  status: number;
  error?: { type: string; reason: string };
}

const busy = { type: "es_rejected_execution_exception", reason: "rejected execution of coordinating operation" };

/** A cluster that takes bulk requests as they are documented, and answers `items` instead of 201 where it is told to. */
function startCluster(
  options: Record<string, unknown> = {},
  items?: (request: ReceivedRequest) => Item[],
): Promise<HttpReceiver> {
  const answer = (made: Item[]): Answer => {
    return {
      body: JSON.stringify({
        errors: made.some(({ status }) => status > 299),
        items: made.map((create) => ({ create })),
      }),
    };
  };
  return startHttpReceiver({
    options: (url) => ({ url: `${url}/es/`, apiKey: "es-secret", ...options }),
    secrets: ["es-secret"],
    ok: (request) => answer(items?.(request) ?? documentsOf(request).map(() => ({ status: 201 }))),
    half: (request, taken) => {
      return answer(
        documentsOf(request).map((_, index) => (index < taken ? { status: 201 } : { status: 429, error: busy })),
      );
    },
    receiptsOf: (request) => {
      expect([request.method, request.url]).toEqual([
        "POST",
        "/es/_bulk?filter_path=errors%2Citems.*.status%2Citems.*.error.type%2Citems.*.error.reason",
      ]);
      expect(request.headers).toMatchObject({
        "content-type": "application/x-ndjson",
        "content-encoding": "gzip",
        authorization: "ApiKey es-secret",
      });
      return documentsOf(request).map(({ id, event, action }): Receipt => {
        expect(action).toEqual({ create: { _index: "kev-events-2026.11.23", _id: id.replace("/", ".") } });
        return { id, message: event.message ?? "" };
      });
    },
  });
}

function documentsOf({ body }: ReceivedRequest) {
  expect(body.endsWith("\n")).toBe(true);
  const lines = body.slice(0, -1).split("\n");
  return lines.flatMap((line, index) => {
    return index % 2 === 0 ? [] : [{ ...JSON.parse(line), action: JSON.parse(lines[index - 1] ?? "") }];
  });
}

async function create(receiver: HttpReceiver) {
  return await elasticsearch.create(elasticsearch.options.parse(receiver.options), sinkServices());
}

async function sendTo(receiver: HttpReceiver, batch: readonly Delivery[]) {
  const sink = await create(receiver);
  try {
    return await sink.send(batch, never);
  } finally {
    await sink.close();
    await receiver.close();
  }
}

sinkContract({ type: elasticsearch, start: () => startCluster() });

describe("the sink elasticsearch", () => {
  test("creates a document for each change in the index of its day", async () => {
    const receiver = await startCluster();
    const metadata = {
      name: "n",
      labels: { app: "ui", "app.kubernetes.io/name": "ui" },
      annotations: { "a.b/c": "d" },
    };
    const object = { labels: { "x.y": "z" }, annotations: {}, owners: [] };
    await sendTo(receiver, [sampleDelivery({ event: storedEvent({ metadata }), object }), bareDelivery("yesterday")]);
    expect(receiver.requests[0]?.body).toBe(
      '{"create":{"_index":"kev-events-2026.11.23","_id":"3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10.4711"}}\n' +
        '{"@timestamp":"2026-11-23T09:29:30.000Z","id":"3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711","verb":"UPDATED",' +
        '"delta":1,"count":3,"time":"2026-11-23T09:29:30.000Z","cluster":{"name":"prod-eu",' +
        '"uid":"5c1d7a00-7b1e-4f53-9a0f-6d1c2b3a4e5f"},"event":{"metadata":{"name":"n","labels":{"app":"ui",' +
        '"app_kubernetes_io/name":"ui"},"annotations":{"a_b/c":"d"}},"involvedObject":{"apiVersion":"v1","kind":"Pod",' +
        '"name":"ui-server-7d4b9c-x2x7k","namespace":"prod","uid":"9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22",' +
        '"resourceVersion":"4700","fieldPath":"spec.containers{ui}"},"type":"Warning","reason":"BackOff",' +
        '"message":"Back-off restarting failed container ui","source":{"component":"kubelet","host":"node-3"},' +
        '"reportingComponent":"kubelet","reportingInstance":"node-3","count":3,"firstTimestamp":"2026-11-23T09:10:00Z",' +
        '"lastTimestamp":"2026-11-23T09:29:30Z","eventTime":null},"object":{"labels":{"x_y":"z"},"annotations":{},' +
        '"owners":[]}}\n' +
        '{"create":{"_index":"kev-events-2026.11.23","_id":"yesterday.1"}}\n' +
        '{"@timestamp":"2026-11-23T09:30:00.000Z","id":"yesterday/1","verb":"ADDED","delta":1,"count":1,' +
        '"time":"2026-11-23T09:30:00.000Z","event":{"metadata":{"name":"yesterday","namespace":"prod","uid":"yesterday",' +
        '"resourceVersion":"1"},"involvedObject":{"apiVersion":"apps/v1","kind":"Deployment","name":"ui-server",' +
        '"namespace":"prod","uid":"u-1"},"type":"Normal","reason":"Approval","message":"Manually tested and approved",' +
        '"source":{"component":"ci-approver"}}}\n',
    );
  });

  test.each([
    [{ dataStream: "logs-kev-default" }, "logs-kev-default"],
    [{ index: 'k8s-{{ event.type | downcase }}-{{ time | date: "%Y" }}' }, "k8s-warning-2026"],
  ])("writes where %j says", async (options, expected) => {
    const receiver = await startHttpReceiver({
      options: (url) => ({ url, ...options }),
      receiptsOf: () => [],
      ok: () => ({ body: '{"errors":false,"items":[{"create":{"status":201}}]}' }),
    });
    await sendTo(receiver, [sampleDelivery()]);
    expect(documentsOf(receiver.requests[0] as ReceivedRequest)[0]?.action.create._index).toBe(expected);
  });

  test("takes 409 for taken, refuses what the mapping does not fit, and sends the rest again alone", async () => {
    const unfit = { type: "document_parsing_exception", reason: "[1:2] failed to parse field [event.x]" };
    const exists = { type: "version_conflict_engine_exception", reason: "[a.1]: version conflict" };
    const full = {
      type: "validation_exception",
      reason: "this cluster currently has [1000]/[1000] maximum shards open",
    };
    const answers: Item[][] = [
      [
        { status: 409, error: exists },
        { status: 400, error: unfit },
        { status: 429, error: busy },
        { status: 400, error: full },
      ],
      [{ status: 201 }, { status: 201 }],
    ];
    const receiver = await startCluster({}, () => answers.shift() ?? []);
    const batch = ["a", "b", "c", "d"].map((name) => bareDelivery(name));
    const sink = await create(receiver);
    await expect(sink.send(batch, never)).rejects.toMatchObject({
      message: `${receiver.url} refused some of a bulk request with 429: es_rejected_execution_exception: rejected execution of coordinating operation`,
      retriable: true,
    });
    expect(await sink.send(batch, never)).toEqual({
      refused: [
        {
          delivery: batch[1],
          reason: `${receiver.url} refused it with 400: document_parsing_exception: [1:2] failed to parse field [event.x]`,
        },
      ],
    });
    expect(receiver.requests.map((request) => documentsOf(request).map(({ id }) => id))).toEqual([
      ["a/1", "b/1", "c/1", "d/1"],
      ["c/1", "d/1"],
    ]);
    await sink.close();
    await receiver.close();
  });

  test("believes no answer that does not speak of every document", async () => {
    const receiver = await startCluster({}, () => [{ status: 201 }]);
    await expect(sendTo(receiver, [bareDelivery("a"), bareDelivery("b")])).rejects.toMatchObject({
      message: `${receiver.url} answered HTTP 200: {"errors":false,"items":[{"create":{"status":201}}]}`,
      retriable: true,
    });
  });

  test("splits large batches", async () => {
    const receiver = await startCluster();
    const batch = ["a", "b", "c"].map((name) => bareDelivery(name, { message: "x".repeat(2 * 2 ** 20) }));
    expect(await sendTo(receiver, batch)).toEqual({ refused: [] });
    expect(receiver.requests.map((request) => documentsOf(request).map(({ id }) => id))).toEqual([
      ["a/1", "b/1"],
      ["c/1"],
    ]);
  });

  test("wants one place and one way to log in", () => {
    const messages = (more: object) => {
      const result = elasticsearch.options.safeParse({ url: "http://es", ...more });
      return result.error?.issues.map(({ message }) => message);
    };
    expect(messages({ index: "a", dataStream: "b" })).toEqual(["index and dataStream exclude each other"]);
    expect(messages({ apiKey: "a", bearerToken: "b" })).toEqual([
      "apiKey, basicAuth and bearerToken exclude each other",
    ]);
    expect(messages({ basicAuth: { username: "elastic", password: "p" } })).toBeUndefined();
  });
});
