import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Delivery } from "../../src/sinks/delivery.ts";
import type { Sink } from "../../src/sinks/sink.ts";
import { slack } from "../../src/sinks/slack.ts";
import { type FakeClock, fakeClock } from "../support/fake-clock.ts";
import { type HttpReceiver, startHttpReceiver } from "../support/http-receiver.ts";
import { bareDelivery, sampleDelivery, storedEvent } from "../support/sample-delivery.ts";
import { sinkContract } from "../support/sink-contract.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;

// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks: POST of JSON, answered with "ok".
function start(): Promise<HttpReceiver> {
  return startHttpReceiver({
    receiptsOf: ({ method, headers, body }) => {
      if (method !== "POST" || headers["content-type"] !== "application/json") throw new Error("no POST of JSON");
      return [{ id: JSON.parse(body).attachments[0].footer }];
    },
    options: (url) => ({ url: `${url}/services/T000/B000/0123456789abcdefghijklmn`, footer: "{{ id }}" }),
    secrets: ["/services/T000/B000/0123456789abcdefghijklmn", "0123456789abcdefghijklmn"],
    ok: () => ({ headers: { "Content-Type": "text/html" }, body: "ok" }),
  });
}

sinkContract({ type: slack, start });

describe("the sink slack", () => {
  let receiver: HttpReceiver;
  let clock: FakeClock;
  let sink: Sink;
  beforeEach(async () => {
    receiver = await startHttpReceiver({ receiptsOf: () => [], options: (url) => ({ url }) });
    clock = fakeClock("2026-11-23T09:30:00Z");
  });
  afterEach(async () => {
    await sink.close();
    await receiver.close();
  });

  async function messages(options: Record<string, unknown>, batch: readonly Delivery[]): Promise<unknown[]> {
    const parsed = slack.options.parse({ url: `${receiver.url}/services/T0/B0/X`, ...options });
    sink = await slack.create(parsed, sinkServices({ clock }));
    await sink.send(batch, never);
    return receiver.requests.map(({ body }) => JSON.parse(body));
  }

  test("says what happened to what, how it stands, and where it is from", async () => {
    expect(await messages({}, [sampleDelivery(), bareDelivery("a")])).toEqual([
      {
        text: "*BackOff* Pod prod/ui-server-7d4b9c-x2x7k",
        attachments: [
          {
            color: "#e0a030",
            fallback: "*BackOff* Pod prod/ui-server-7d4b9c-x2x7k",
            text: "Back-off restarting failed container ui",
            footer: "prod-eu · kubelet · 3 times",
            ts: 1795426170,
            mrkdwn_in: ["text"],
          },
        ],
      },
      {
        text: "*Approval* Deployment prod/ui-server",
        attachments: [
          {
            color: "#2f80c2",
            fallback: "*Approval* Deployment prod/ui-server",
            text: "Manually tested and approved",
            footer: "ci-approver",
            ts: 1795426200,
            mrkdwn_in: ["text"],
          },
        ],
      },
    ]);
  });

  test("takes templates for its parts", async () => {
    const options = {
      title: "{{ event.reason }} <{{ 'https://example.com/?a&b' | raw }}|here>",
      text: "{{ event.message | upcase }}",
      link: "https://example.com/?name={{ event.involvedObject.name | url_encode }}&x=1",
      footer: "{{ time | date: '%H:%M' }}",
      channel: "#{{ event.involvedObject.namespace }}",
      username: "kev",
      iconEmoji: ":bell:",
    };
    expect(await messages(options, [sampleDelivery()])).toEqual([
      {
        channel: "#prod",
        username: "kev",
        icon_emoji: ":bell:",
        text: "BackOff <https://example.com/?a&b|here>",
        attachments: [
          {
            color: "#e0a030",
            fallback: "BackOff <https://example.com/?a&b|here>",
            title: "Pod ui-server-7d4b9c-x2x7k",
            title_link: "https://example.com/?name=ui-server-7d4b9c-x2x7k&x=1",
            text: "BACK-OFF RESTARTING FAILED CONTAINER UI",
            footer: "09:29",
            ts: 1795426170,
            mrkdwn_in: ["text"],
          },
        ],
      },
    ]);
  });

  test("lets no event call a channel or make a link", async () => {
    const event = storedEvent({ message: "<!channel> & <https://evil.example.com|click>", reason: "<!here>" });
    const [message] = await messages({}, [sampleDelivery({ event })]);
    expect(message).toMatchObject({
      text: "*&lt;!here&gt;* Pod prod/ui-server-7d4b9c-x2x7k",
      attachments: [{ text: "&lt;!channel&gt; &amp; &lt;https://evil.example.com|click&gt;" }],
    });
  });

  test("cuts very long messages", async () => {
    const [message] = await messages({ title: "x" }, [bareDelivery("a", { message: "m".repeat(5_000) })]);
    expect(message).toMatchObject({ attachments: [{ text: `${"m".repeat(2_997)}...` }] });
  });

  test("sends one message a second", async () => {
    await messages({}, [bareDelivery("a"), bareDelivery("b"), bareDelivery("c")]);
    expect(clock.slept).toEqual([1_000, 1_000]);
  });
});
