import { describe, expect, test } from "@jest/globals";
import { stdout } from "../../src/sinks/stdout.ts";
import { linesReceiver } from "../support/lines-receiver.ts";
import { bareDelivery, sampleDelivery } from "../support/sample-delivery.ts";
import { sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

sinkContract({
  type: stdout,
  start: async () => {
    const written: string[] = [];
    const write = async (text: string): Promise<void> => {
      written.push(text);
    };
    return linesReceiver({ options: {}, services: { stdout: { write } }, bytes: async () => written });
  },
  except: ["500", "429", "400", "401", "garbage", "hang", "cut", "half"],
});

describe("the sink stdout", () => {
  test("writes a batch at once, a line of JSON for each delivery", async () => {
    const written: string[] = [];
    const sink = await stdout.create({}, sinkServices({ stdout: { write: async (text) => void written.push(text) } }));
    await sink.send([bareDelivery("a", { message: "two\nlines" }), bareDelivery("b")], never);
    expect(written).toEqual([
      '{"id":"a/1","verb":"ADDED","delta":1,"count":1,"time":"2026-11-23T09:30:00.000Z","event":{"metadata":{"name":"a",' +
        '"namespace":"prod","uid":"a","resourceVersion":"1"},"involvedObject":{"apiVersion":"apps/v1","kind":"Deployment",' +
        '"name":"ui-server","namespace":"prod","uid":"u-1"},"type":"Normal","reason":"Approval","message":"two\\nlines",' +
        '"source":{"component":"ci-approver"}}}\n' +
        '{"id":"b/1","verb":"ADDED","delta":1,"count":1,"time":"2026-11-23T09:30:00.000Z","event":{"metadata":{"name":"b",' +
        '"namespace":"prod","uid":"b","resourceVersion":"1"},"involvedObject":{"apiVersion":"apps/v1","kind":"Deployment",' +
        '"name":"ui-server","namespace":"prod","uid":"u-1"},"type":"Normal","reason":"Approval",' +
        '"message":"Manually tested and approved","source":{"component":"ci-approver"}}}\n',
    ]);
  });

  test("fails, retriably, when nobody reads", async () => {
    const write = async (): Promise<void> => {
      throw new Error("write EPIPE");
    };
    const sink = await stdout.create({}, sinkServices({ stdout: { write } }));
    await expect(sink.send([sampleDelivery()], never)).rejects.toMatchObject({
      name: "SendError",
      message: "stdout cannot be written: write EPIPE",
      retriable: true,
    });
  });

  test("stops waiting for a slow reader when its signal aborts, and does not write the same twice", async () => {
    const written: string[] = [];
    let read = (): void => undefined;
    const write = (text: string): Promise<void> => {
      written.push(text);
      return new Promise((resolve) => {
        read = resolve;
      });
    };
    const sink = await stdout.create({}, sinkServices({ stdout: { write } }));
    const stop = new AbortController();
    const sending = sink.send([sampleDelivery()], stop.signal);
    const reason = new Error("took too long");
    stop.abort(reason);
    await expect(sending).rejects.toBe(reason);
    const again = sink.send([sampleDelivery()], never);
    read();
    expect(await again).toEqual({ refused: [] });
    expect(written).toHaveLength(1);
  });
});
