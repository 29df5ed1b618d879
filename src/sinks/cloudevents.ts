import { z } from "zod";
import { type CloudEvent, cloudEventOf } from "./cloud-event.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { httpFields, httpUrl, template } from "./fields.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { makeEach, sendEach } from "./send-each.ts";
import { compileTemplate } from "./template.ts";

const options = z.strictObject({
  url: httpUrl("Where CloudEvents are taken: a broker, a function", { secret: true }),
  mode: z
    .enum(["structured", "batched", "binary"])
    .meta({
      description:
        "All of it in the body, one event or a batch (set batch, too) in a request; or attributes in headers",
    })
    .prefault("structured"),
  source: template("Attribute source. Default: /k8s/ and the uid, else the name, of the cluster").optional(),
  compat: z
    .enum(["none", "knative"])
    .meta({ description: "knative: type and subject are those of Knative's ApiServerSource" })
    .prefault("none"),
  ...httpFields,
});

/** https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md */
export const cloudevents = defineSink({
  type: "cloudevents",
  summary: "CloudEvents over HTTP, structured, batched or binary",
  documentation: "https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md",
  options,
  example: `type: cloudevents
url: https://broker.example.com/default
mode: structured
bearerToken: { fromEnv: BROKER_TOKEN }
`,
  async create({ url, mode, source, compat, ...access }, services) {
    const sourceOf = source === undefined ? undefined : compileTemplate(source, "source");
    const client = await createHttpClient({ url, secretUrl: true, ...access }, services);

    const eventOf = (delivery: Delivery): CloudEvent => cloudEventOf(delivery, compat, sourceOf?.render(delivery));
    const requestOf = (delivery: Delivery): HttpRequest => {
      const event = eventOf(delivery);
      return { method: "POST", url, ...(mode === "binary" ? binary(event) : structured(event)) };
    };
    const batched = (events: readonly CloudEvent[]): HttpRequest => ({
      method: "POST",
      url,
      headers: { "Content-Type": "application/cloudevents-batch+json; charset=utf-8" },
      body: `[${events.map(json).join(",")}]`,
    });

    return {
      async send(batch, signal) {
        if (mode !== "batched") return sendEach(batch, signal, (delivery) => client.send(requestOf(delivery), signal));
        const { made, refused } = makeEach(batch, eventOf);
        if (made.length > 0) await client.send(batched(made.map(({ result }) => result)), signal);
        return { refused };
      },
      async preview(batch) {
        if (mode === "batched") return client.preview(batched(batch.map(eventOf)));
        return batch.map((delivery) => client.preview(requestOf(delivery))).join("\n");
      },
      close: async () => client.close(),
    };
  },
});

function json({ attributes, data }: CloudEvent): string {
  return JSON.stringify({ ...attributes, data });
}

function structured(event: CloudEvent): Pick<HttpRequest, "headers" | "body"> {
  return { headers: { "Content-Type": "application/cloudevents+json; charset=utf-8" }, body: json(event) };
}

function binary({
  attributes: { datacontenttype, ...attributes },
  data,
}: CloudEvent): Pick<HttpRequest, "headers" | "body"> {
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, headerValue(String(value))]);
  return {
    headers: { "Content-Type": String(datacontenttype), ...Object.fromEntries(headers) },
    body: JSON.stringify(data),
  };
}

/** Section 3.1.3.2: all but printable ASCII, the space, quotes and per cent signs as %XX of their UTF-8. */
function headerValue(text: string): string {
  return text.replace(/[^\x21-\x7e]|["%]/gu, (character) => {
    return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
  });
}
