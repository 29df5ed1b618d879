import { createHmac } from "node:crypto";
import { z } from "zod";
import { usageError } from "../util/errors.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { deliveryJson } from "./delivery-json.ts";
import { headerTemplates, httpFields, httpUrl, secret } from "./fields.ts";
import { compileHeaders } from "./header-template.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { makeEach, sendEach } from "./send-each.ts";
import { compileBody, compileTemplate } from "./template.ts";

const { basicAuth, bearerToken, tls } = httpFields;

const options = z.strictObject({
  url: httpUrl("Where requests go; path and query are never shown", { secret: true }),
  method: z.enum(["POST", "PUT", "PATCH"]).meta({ description: "Method of the requests" }).prefault("POST"),
  per: z
    .enum(["event", "batch"])
    .meta({ description: "One request for each event, or one for a batch, as JSON array (set batch, too)" })
    .prefault("event"),
  body: z
    .json()
    .meta({
      description:
        "What is sent: a map or list whose strings are Liquid templates, sent as JSON; or one template, sent as it is. " +
        "Default: the delivery as JSON",
      template: true,
    })
    .optional(),
  contentType: z.string().min(1).meta({ description: "Content-Type of the requests" }).prefault("application/json"),
  headers: headerTemplates("More headers; values are Liquid templates, and never shown").optional(),
  basicAuth,
  bearerToken,
  signature: z
    .strictObject({
      secret: secret("Key of the HMAC"),
      header: z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, "must be the name of a header")
        .meta({ description: "Header that the signature is in" })
        .prefault("X-Kev-Signature"),
    })
    .meta({
      description:
        "Signs requests: sha256=HEX of the HMAC-SHA256 over TIMESTAMP.BODY, where TIMESTAMP is the header X-Kev-Timestamp " +
        "in seconds since 1970",
    })
    .optional(),
  tls,
});

/**
 * A request for each event has its id as Idempotency-Key: the same event, sent again after a failure, has the same.
 *
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ · https://www.rfc-editor.org/rfc/rfc2104
 */
export const webhook = defineSink({
  type: "webhook",
  summary: "HTTP requests with a body and headers of your making, signed where you wish",
  documentation: "https://www.rfc-editor.org/rfc/rfc9110.html",
  options,
  example: `type: webhook
url: https://example.com/hooks/kubernetes
headers:
  X-Reason: "{{ event.reason }}"
body:
  id: "{{ id }}"
  text: "{{ event.involvedObject.kind }} {{ event.involvedObject.name }}: {{ event.message }}"
  count: "{{ count }}"
signature:
  secret: { fromEnv: WEBHOOK_SECRET }
`,
  async create({ url, method, per, body, contentType, headers: sources = {}, signature, ...access }, services) {
    const headers = compileHeaders(sources);
    if (per === "batch" && headers.names.length > 0) {
      throw usageError(`headers.${headers.names[0]} is a template, which needs per: event`);
    }
    const bodyOf = compileText(body);
    const client = await createHttpClient(
      {
        url,
        secretUrl: true,
        headers: headers.standing,
        secrets: [...headers.texts, ...(signature ? [signature.secret] : [])],
        ...access,
      },
      services,
    );

    function request(text: string, more: Record<string, string>): HttpRequest {
      const signed = signature ? signatureHeaders(text, signature, services.clock.now()) : {};
      return { method, url, headers: { "Content-Type": contentType, ...more, ...signed }, body: text };
    }
    function requestOf(delivery: Delivery, more: Record<string, string>): HttpRequest {
      return request(bodyOf(delivery), { "Idempotency-Key": delivery.id, ...more });
    }
    // Bodies that are no JSON of kev's making are lines.
    const joined = (texts: readonly string[]): string => {
      return typeof body === "string" ? texts.map((text) => `${text}\n`).join("") : `[${texts.join(",")}]`;
    };

    return {
      async send(batch, signal) {
        if (per === "event") {
          return sendEach(batch, signal, (delivery) =>
            client.send(requestOf(delivery, headers.render(delivery)), signal),
          );
        }
        const { made, refused } = makeEach(batch, bodyOf);
        if (made.length > 0) await client.send(request(joined(made.map(({ result }) => result)), {}), signal);
        return { refused };
      },
      async preview(batch) {
        if (per === "batch") return client.preview(request(joined(batch.map(bodyOf)), {}));
        return batch.map((delivery) => client.preview(requestOf(delivery, headers.preview(delivery)))).join("\n");
      },
      close: async () => client.close(),
    };
  },
});

/** What makes the text of a body. */
function compileText(body: unknown): (delivery: Delivery) => string {
  if (body === undefined) return deliveryJson;
  if (typeof body === "string") {
    const template = compileTemplate(body, "body");
    return (delivery) => template.render(delivery);
  }
  const template = compileBody(body);
  return (delivery) => JSON.stringify(template.render(delivery));
}

function signatureHeaders(
  body: string,
  { secret: key, header }: { secret: string; header: string },
  now: Date,
): Record<string, string> {
  const timestamp = Math.floor(now.getTime() / 1_000);
  const hmac = createHmac("sha256", key).update(`${timestamp}.${body}`).digest("hex");
  return { "X-Kev-Timestamp": String(timestamp), [header]: `sha256=${hmac}` };
}
