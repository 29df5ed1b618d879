import { describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { otlp } from "../../src/sinks/otlp.ts";
import { type Answer, type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

interface LogRecord {
  body: { stringValue: string };
  attributes: { key: string; value: { stringValue: string } }[];
}

/** A collector that takes log records as OTLP/HTTP says. */
function startCollector(options: Record<string, unknown> = {}, ok?: () => Answer): Promise<HttpReceiver> {
  return startHttpReceiver({
    options: (url) => ({ url, headers: { "X-Token": "otlp-secret" }, ...options }),
    secrets: ["otlp-secret"],
    ok: ok ?? (() => ({ headers: { "Content-Type": "application/json" }, body: "{}" })),
    half: (request, taken) => ({
      body: JSON.stringify({
        partialSuccess: { rejectedLogRecords: String(recordsOf(request).length - taken), errorMessage: "full" },
      }),
    }),
    receiptsOf: (request) => {
      expect([request.method, request.url]).toEqual(["POST", "/v1/logs"]);
      expect(request.headers).toMatchObject({
        "content-type": "application/json",
        "content-encoding": "gzip",
        "x-token": "otlp-secret",
      });
      return recordsOf(request);
    },
  });
}

/** Within a request records have no order but that of their resource: they are put back in that of the contract's batch. */
const order = ["3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711", "a/1", "b/22", "c/1"];

function recordsOf({ body }: ReceivedRequest): Receipt[] {
  const records: LogRecord[] = JSON.parse(body).resourceLogs.flatMap(
    ({ scopeLogs }: { scopeLogs: { logRecords: LogRecord[] }[] }) => scopeLogs.flatMap(({ logRecords }) => logRecords),
  );
  const receipts = records.map((record): Receipt => {
    const id = record.attributes.find(({ key }) => key === "log.record.uid")?.value.stringValue ?? "";
    return { id, message: record.body.stringValue };
  });
  return receipts.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

async function sendTo(receiver: HttpReceiver, batch: readonly Delivery[]) {
  const sink = await otlp.create(otlp.options.parse(receiver.options), sinkServices());
  try {
    return await sink.send(batch, never);
  } finally {
    await sink.close();
    await receiver.close();
  }
}

// 500 is not tried again here, as OTLP has it: below.
sinkContract({ type: otlp, start: () => startCollector(), except: ["500"] });

describe("the sink otlp", () => {
  test("sends log records with the collector's names, those of one resource together", async () => {
    const receiver = await startCollector();
    const first = sampleDelivery({ replayed: true });
    const job = bareDelivery("job", {
      involvedObject: { apiVersion: "batch.volcano.sh/v1alpha1", kind: "Job", name: "train" },
      type: "Odd",
    });
    await sendTo(receiver, [
      first,
      job,
      sampleDelivery({ id: "e/2", event: storedEvent({ message: "again", action: "Pull" }) }),
    ]);
    const string = (key: string, stringValue: string) => ({ key, value: { stringValue } });
    const integer = (key: string, intValue: string) => ({ key, value: { intValue } });
    const scope = { name: "kev", version: "0.0.0-dev" };
    const about = [
      string("log.record.uid", "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711"),
      string("k8s.event.reason", "BackOff"),
      string("k8s.event.start_time", "2026-11-23T09:10:00Z"),
      string("k8s.event.name", "ui-server-7d4b9c-x2x7k.18a1b2c3d4e5f607"),
      string("k8s.event.uid", "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10"),
      integer("k8s.event.count", "3"),
      string("k8s.namespace.name", "prod"),
      integer("kev.event.delta", "1"),
      string("kev.event.verb", "UPDATED"),
      { key: "kev.event.replayed", value: { boolValue: true } },
      string("kev.event.component", "kubelet"),
    ];
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toEqual({
      resourceLogs: [
        {
          resource: {
            attributes: [
              string("k8s.cluster.name", "prod-eu"),
              string("k8s.cluster.uid", "5c1d7a00-7b1e-4f53-9a0f-6d1c2b3a4e5f"),
              string("k8s.namespace.name", "prod"),
              string("k8s.node.name", "node-3"),
              string("k8s.pod.name", "ui-server-7d4b9c-x2x7k"),
              string("k8s.pod.uid", "9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22"),
              string("k8s.container.name", "ui"),
              string("k8s.object.kind", "Pod"),
              string("k8s.object.name", "ui-server-7d4b9c-x2x7k"),
              string("k8s.object.uid", "9d2f6c1e-5a44-4f0b-8a43-2f1f0a6b7c22"),
              string("k8s.object.fieldpath", "spec.containers{ui}"),
              string("k8s.object.api_version", "v1"),
              string("k8s.object.resource_version", "4700"),
            ],
          },
          scopeLogs: [
            {
              scope,
              logRecords: [
                {
                  timeUnixNano: "1795426170000000000",
                  severityNumber: 13,
                  severityText: "Warning",
                  body: { stringValue: "Back-off restarting failed container ui" },
                  attributes: about,
                  eventName: "k8s.event",
                },
                expect.objectContaining({
                  body: { stringValue: "again" },
                  attributes: expect.arrayContaining([
                    string("log.record.uid", "e/2"),
                    string("k8s.event.action", "Pull"),
                  ]),
                }),
              ],
            },
          ],
        },
        {
          // Another group's Job is no k8s.job; a type of no known severity has none.
          resource: {
            attributes: [
              string("k8s.object.kind", "Job"),
              string("k8s.object.name", "train"),
              string("k8s.object.api_version", "batch.volcano.sh/v1alpha1"),
            ],
          },
          scopeLogs: [
            {
              scope,
              logRecords: [
                {
                  timeUnixNano: "1795426200000000000",
                  severityText: "Odd",
                  body: { stringValue: "Manually tested and approved" },
                  attributes: [
                    string("log.record.uid", "job/1"),
                    string("k8s.event.reason", "Approval"),
                    string("k8s.event.name", "job"),
                    string("k8s.event.uid", "job"),
                    integer("k8s.event.count", "1"),
                    integer("kev.event.delta", "1"),
                    string("kev.event.verb", "ADDED"),
                    string("kev.event.component", "ci-approver"),
                  ],
                  eventName: "k8s.event",
                },
              ],
            },
          ],
        },
      ],
    });
  });

  test("says what is known of the object", async () => {
    const receiver = await startCollector();
    const object = { labels: { app: "ui" }, annotations: { "a/b": "c" }, owners: [] };
    const involvedObject = { apiVersion: "example.com/v1", kind: "Thing", name: "t" };
    await sendTo(receiver, [
      bareDelivery("a", {}),
      { ...bareDelivery("b"), object },
      { ...bareDelivery("c", { involvedObject }), object },
    ]);
    const resources: { resource: { attributes: { key: string }[] } }[] = JSON.parse(
      receiver.requests[0]?.body ?? "",
    ).resourceLogs;
    const keys = resources.map(({ resource }) =>
      resource.attributes.map(({ key }) => key).filter((key) => /label|annot/.test(key)),
    );
    expect(keys).toEqual([
      [],
      ["k8s.deployment.label.app", "k8s.deployment.annotation.a/b"],
      ["kev.object.label.app", "kev.object.annotation.a/b"],
    ]);
  });

  test.each([
    [429, true],
    [502, true],
    [503, true],
    [504, true],
    [500, false],
    [501, false],
    [400, false],
    [413, false],
    // Of credentials and address, not of the events: somebody mends them.
    [401, true],
    [404, true],
  ])("takes HTTP %d as the specification has it: again is %s", async (status, retriable) => {
    const receiver = await startCollector({}, () => ({
      status,
      headers: { "Retry-After": "2" },
      body: '{"message":"no"}',
    }));
    await expect(sendTo(receiver, [sampleDelivery()])).rejects.toMatchObject({
      name: "SendError",
      message: `${receiver.url} answered HTTP ${status}: {"message":"no"}`,
      retriable,
    });
  });

  test("refuses all of a request of which some was rejected, as nobody says which", async () => {
    const partialSuccess = { rejectedLogRecords: "1", errorMessage: "attribute too long" };
    const receiver = await startCollector({}, () => ({ body: JSON.stringify({ partialSuccess }) }));
    const batch = [bareDelivery("a"), bareDelivery("b")];
    const reason = `${receiver.url} rejected 1 of 2 log records, and does not say which: attribute too long`;
    expect(await sendTo(receiver, batch)).toEqual({ refused: batch.map((delivery) => ({ delivery, reason })) });
  });

  test("takes advice that comes with success, and no body, for success", async () => {
    const answers = [{ body: '{"partialSuccess":{"errorMessage":"use gRPC"}}' }, { status: 204 }];
    const receiver = await startCollector({ url: undefined }, () => answers.shift() ?? {});
    const sink = await otlp.create(
      otlp.options.parse({ ...receiver.options, url: `${receiver.url}/v1/logs` }) as never,
      sinkServices(),
    );
    expect(await sink.send([sampleDelivery()], never)).toEqual({ refused: [] });
    expect(await sink.send([sampleDelivery()], never)).toEqual({ refused: [] });
    expect(receiver.requests.map(({ url }) => url)).toEqual(["/v1/logs", "/v1/logs"]);
    await sink.close();
    await receiver.close();
  });
});
