import { z } from "zod";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { duration, httpFields, httpUrl, template } from "./fields.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { sendEach } from "./send-each.ts";
import { compileEscaped, compileTemplate } from "./template.ts";

const defaultTitle =
  "*{{ event.reason }}* {{ event.involvedObject.kind }} " +
  "{% if event.involvedObject.namespace %}{{ event.involvedObject.namespace }}/{% endif %}{{ event.involvedObject.name }}";
// Slack folds longer texts, and cuts much longer ones.
const defaultText = "{{ event.message | truncate: 3000 }}";
const defaultFooter =
  "{% if cluster.name %}{{ cluster.name }} · {% endif %}{{ event.source.component | default: event.reportingComponent }}" +
  "{% if count > 1 %} · {{ count }} times{% endif %}";

const options = z.strictObject({
  url: httpUrl("The incoming webhook; path and query are never shown", { secret: true }),
  title: template("First line; mrkdwn").prefault(defaultTitle),
  text: template("What stands below it, with the colour of the event's type; mrkdwn").prefault(defaultText),
  link: template("Address that the name of the object leads to, such as a dashboard's").optional(),
  footer: template("Small line at the end").prefault(defaultFooter),
  channel: template("Channel; only where the webhook allows another than its own").optional(),
  username: z.string().meta({ description: "Name to post as; only where the webhook allows it" }).optional(),
  iconEmoji: z.string().meta({ description: "Picture to post with, :like_this:; the same holds" }).optional(),
  interval: duration("Shortest time between two messages: Slack takes one a second").prefault("1s"),
  tls: httpFields.tls,
});

const colours: Readonly<Record<string, string>> = { Normal: "#2f80c2", Warning: "#e0a030" };
const otherColour = "#808080";

/**
 * Incoming webhooks of Slack, and those that take the same: Mattermost, Rocket.Chat. Outputs of the templates are escaped,
 * so that an event cannot call a whole channel; `{{ … | raw }}` is not. An answer of 429 with Retry-After is waited for.
 *
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 * https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
 */
export const slack = defineSink({
  type: "slack",
  summary: "Messages in a channel of Slack, Mattermost or Rocket.Chat",
  documentation: "https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks",
  options,
  example: `type: slack
url: { fromEnv: SLACK_WEBHOOK }
link: "https://grafana.example.com/d/pods?var-namespace={{ event.involvedObject.namespace | url_encode }}"
`,
  async create({ url, interval, tls, ...message }, services) {
    const bodyOf = compileMessage(message);
    const client = await createHttpClient({ url, secretUrl: true, tls }, services);
    let nextAt = 0;

    function requestOf(delivery: Delivery): HttpRequest {
      const headers = { "Content-Type": "application/json" };
      return { method: "POST", url, headers, body: JSON.stringify(bodyOf(delivery)) };
    }

    async function sendOne(delivery: Delivery, signal: AbortSignal): Promise<void> {
      const request = requestOf(delivery);
      const now = services.clock.now().getTime();
      if (now < nextAt) await services.clock.sleep(nextAt - now, signal);
      nextAt = Math.max(now, nextAt) + interval;
      await client.send(request, signal);
    }

    return {
      send: (batch, signal) => sendEach(batch, signal, (delivery) => sendOne(delivery, signal)),
      preview: async (batch) => batch.map((delivery) => client.preview(requestOf(delivery))).join("\n"),
      close: async () => client.close(),
    };
  },
});

type Message = Omit<z.output<typeof options>, "url" | "interval" | "tls">;

function compileMessage({ title, text, link, footer, channel, username, iconEmoji }: Message) {
  const titleOf = compileEscaped(title, "title", escapeMrkdwn);
  const textOf = compileEscaped(text, "text", escapeMrkdwn);
  const footerOf = compileEscaped(footer, "footer", escapeMrkdwn);
  const linkOf = link === undefined ? undefined : compileTemplate(link, "link");
  const channelOf = channel === undefined ? undefined : compileTemplate(channel, "channel");
  return (delivery: Delivery) => {
    const heading = titleOf.render(delivery);
    const { kind = "", name = "" } = delivery.event.involvedObject;
    // What is undefined is left out.
    return {
      channel: channelOf?.render(delivery),
      username,
      icon_emoji: iconEmoji,
      text: heading,
      attachments: [
        {
          color: colours[delivery.event.type ?? ""] ?? otherColour,
          fallback: heading,
          title: linkOf && escapeMrkdwn(`${kind} ${name}`.trim()),
          title_link: linkOf?.render(delivery),
          text: textOf.render(delivery),
          footer: footerOf.render(delivery),
          ts: Math.floor(Date.parse(delivery.time) / 1_000),
          mrkdwn_in: ["text"],
        },
      ],
    };
  };
}

/** Slack's three control characters; without them nothing is a link, a mention or a call to a channel. */
function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
