import { describe, expect, test } from "@jest/globals";
import { datadog } from "../../src/sinks/datadog.ts";
import type { Delivery } from "../../src/sinks/delivery.ts";
import { type HttpReceiver, type ReceivedRequest, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";
import { type Receipt, sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

/** Datadog's intake: 202 with an empty object, its limits checked. */
function startIntake(options: Record<string, unknown> = {}): Promise<HttpReceiver> {
  return startHttpReceiver({
    options: (url) => ({ url, apiKey: "dd-secret", ...options }),
    secrets: ["dd-secret"],
    ok: () => ({ status: 202, headers: { "Content-Type": "application/json" }, body: "{}" }),
    receiptsOf: (request) => {
      expect([request.method, request.url]).toEqual(["POST", "/api/v2/logs"]);
      expect(request.headers).toMatchObject({
        "content-type": "application/json",
        "content-encoding": "gzip",
        "dd-api-key": "dd-secret",
      });
      expect(Buffer.byteLength(request.body)).toBeLessThanOrEqual(5_000_000);
      const logs = logsOf(request);
      expect(logs.length).toBeLessThanOrEqual(1_000);
      return logs.map((log): Receipt => {
        expect(Buffer.byteLength(JSON.stringify(log))).toBeLessThanOrEqual(1_000_000);
        return log.message.endsWith("…") ? { id: log.id } : { id: log.id, message: log.message };
      });
    },
  });
}

function logsOf({ body }: ReceivedRequest): { id: string; message: string }[] {
  return JSON.parse(body);
}

async function sendTo(receiver: HttpReceiver, batch: readonly Delivery[]) {
  const sink = await datadog.create(datadog.options.parse(receiver.options), sinkServices());
  try {
    return await sink.send(batch, never);
  } finally {
    await sink.close();
    await receiver.close();
  }
}

sinkContract({ type: datadog, start: () => startIntake() });

describe("the sink datadog", () => {
  test("sends a log for each change, with Datadog's reserved attributes", async () => {
    const receiver = await startIntake({
      tags: ["env:prod", "team:{{ object.labels.team }}"],
      service: "k8s-{{ event.involvedObject.kind }}",
    });
    const object = { labels: { team: "a,b" }, annotations: {}, owners: [] };
    await sendTo(receiver, [sampleDelivery({ event: storedEvent({ reason: "Back,Off" }), object })]);
    const { message: _, ...event } = storedEvent({ reason: "Back,Off" });
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toEqual([
      {
        ddsource: "kubernetes",
        service: "k8s-Pod",
        ddtags:
          "kube_cluster_name:prod-eu,kube_namespace:prod,kube_kind:Pod,kube_name:ui-server-7d4b9c-x2x7k," +
          "event_reason:Back_Off,source_component:kubelet,env:prod,team:a_b",
        message: "Back-off restarting failed container ui",
        status: "warn",
        timestamp: "2026-11-23T09:29:30.000Z",
        hostname: "node-3",
        id: "3f1c9a52-0b7e-4c1d-9a57-1f6f3a8e2b10/4711",
        verb: "UPDATED",
        delta: 1,
        count: 3,
        cluster: { name: "prod-eu", uid: "5c1d7a00-7b1e-4f53-9a0f-6d1c2b3a4e5f" },
        event,
        object,
      },
    ]);
  });

  test("goes to the intake of its site", async () => {
    const options = datadog.options.parse({ apiKey: "dd-secret", site: "us3.datadoghq.com" });
    const sink = await datadog.create(options, sinkServices());
    const [line] = (await sink.preview([sampleDelivery()])).split("\n");
    expect(line).toBe("POST https://http-intake.logs.us3.datadoghq.com/api/v2/logs");
    await sink.close();
  });

  test("refuses what Datadog would drop without a word, and sends the rest", async () => {
    const receiver = await startIntake();
    const at = (name: string, time: string): Delivery => ({ ...bareDelivery(name), time });
    const old = at("old", "2026-11-22T15:29:59.999Z");
    const ahead = at("ahead", "2026-11-23T11:30:00.001Z");
    const edges = [at("oldest", "2026-11-22T15:30:00.000Z"), at("newest", "2026-11-23T11:30:00.000Z")];
    expect(await sendTo(receiver, [old, ...edges, ahead])).toEqual({
      refused: [
        { delivery: old, reason: "Datadog keeps no logs that are older than 18 hours" },
        { delivery: ahead, reason: "Datadog keeps no logs that are more than 2 hours ahead" },
      ],
    });
    expect((await receiver.received()).map(({ id }) => id)).toEqual(["oldest/1", "newest/1"]);
  });

  test("splits at 1000 logs and at 5 MB, and sends only the unsent part again", async () => {
    const receiver = await startIntake();
    const many = Array.from({ length: 1_001 }, (_, index) => bareDelivery(`m${index}`));
    const sink = await datadog.create(datadog.options.parse(receiver.options), sinkServices());
    receiver.misbehave?.("half", 1_000);
    await expect(sink.send(many, never)).rejects.toMatchObject({ retriable: true });
    receiver.behave?.();
    expect(await sink.send(many, never)).toEqual({ refused: [] });
    expect((await receiver.received()).map(({ id }) => id)).toEqual(many.map(({ id }) => id));
    const large = ["a", "b", "c", "d", "e", "f"].map((name) => bareDelivery(name, { message: "x".repeat(890_000) }));
    await sink.send(large, never);
    expect(receiver.requests.map((request) => logsOf(request).length)).toEqual([1_000, 1, 1, 5, 1]);
    await sink.close();
    await receiver.close();
  });

  test("wants a site, not an address", () => {
    const site = "https://app.datadoghq.eu";
    expect(datadog.options.safeParse({ apiKey: "k", site }).error?.issues.map(({ message }) => message)).toEqual([
      "must be a site such as datadoghq.eu",
    ]);
  });
});
