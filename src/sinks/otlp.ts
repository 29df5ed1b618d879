import { z } from "zod";
import { recordOf } from "../util/is-record.ts";
import { version } from "../version.ts";
import { answerObject } from "./answer-object.ts";
import { atPath } from "./at-path.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { httpFields, httpUrl } from "./fields.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { excerpt, type HttpResponse } from "./http-answer.ts";
import { otlpRecord, otlpResource } from "./otlp-record.ts";
import { SendError } from "./send-error.ts";
import { type PartResult, sendInParts } from "./send-in-parts.ts";
import { splitBatch } from "./split-batch.ts";

// https://opentelemetry.io/docs/specs/otlp/#otlphttp

/** Server errors that are to be tried again; of all others the specification says that they MUST NOT. */
const retriable5xx = new Set([502, 503, 504]);

interface OtlpEntry {
  readonly delivery: Delivery;
  readonly bytes: number;
  /** JSON. */
  readonly resource: string;
  readonly record: string;
}

export const otlp = defineSink({
  type: "otlp",
  summary: "OpenTelemetry log records over OTLP/HTTP, with the attribute names of the collector's k8s_events receiver",
  documentation: "https://opentelemetry.io/docs/specs/otlp/#otlphttp",
  options: z.strictObject({
    url: httpUrl("Where the collector is; /v1/logs is added where the path does not end with it"),
    ...httpFields,
  }),
  example: `type: otlp
url: http://otel-collector.monitoring.svc:4318`,
  batch: { events: 200, bytes: 2 ** 20, wait: 1_000 },
  create: async ({ url, ...http }, services) => {
    const address = atPath(url, "/v1/logs");
    const client = await createHttpClient({ url: address, gzip: true, ...http }, services);
    // Receivers take at least 20 MiB where they do as they are advised; proxies before them often less.
    const limits = { entries: 1_000, bytes: 4 * 2 ** 20 };

    function entryOf(delivery: Delivery): OtlpEntry {
      const resource = JSON.stringify(otlpResource(delivery));
      const record = JSON.stringify(otlpRecord(delivery));
      return { delivery, bytes: Buffer.byteLength(resource) + Buffer.byteLength(record), resource, record };
    }

    const requestOf = (entries: readonly OtlpEntry[]): HttpRequest => ({
      method: "POST",
      url: address,
      headers: { "Content-Type": "application/json" },
      body: otlpBody(entries),
    });

    return {
      send: sendInParts<OtlpEntry>({
        limits,
        entryOf,
        sendPart: async (entries, signal) => {
          const request = requestOf(entries);
          const answer = await client.exchange(request, signal);
          if (answer.status >= 200 && answer.status <= 299) {
            const result = partialSuccess(answer, entries, address);
            if (result) return result;
          }
          throw bySpecification(answer, client.errorOf(answer, request));
        },
      }),
      preview: async (batch) => {
        const parts = splitBatch(batch.map(entryOf), limits);
        return parts.map((part) => client.preview(requestOf(part))).join("\n");
      },
      close: async () => client.close(),
    };
  },
});

/** Records of one resource stand together, in their order; resources in the order of their first record. */
function otlpBody(entries: readonly OtlpEntry[]): string {
  const records = new Map<string, string[]>();
  for (const { resource, record } of entries) {
    const own = records.get(resource);
    if (own) own.push(record);
    else records.set(resource, [record]);
  }
  const scope = JSON.stringify({ name: "kev", version });
  const resourceLogs = [...records].map(([resource, own]) => {
    return `{"resource":${resource},"scopeLogs":[{"scope":${scope},"logRecords":[${own.join(",")}]}]}`;
  });
  return `{"resourceLogs":[${resourceLogs.join(",")}]}`;
}

/**
 * A receiver that rejects some records says how many, not which, and the request must not be sent again. So all of its
 * records count as refused: those that were kept are then set aside as well, which can be put right; a rejected one that
 * counted as taken would be lost. Undefined where the answer is no receiver's.
 */
function partialSuccess(answer: HttpResponse, entries: readonly OtlpEntry[], { origin }: URL): PartResult | undefined {
  const body = answerObject(answer);
  if (body === undefined) return undefined;
  const { rejectedLogRecords, errorMessage } = recordOf(body.partialSuccess);
  const rejected = Number(rejectedLogRecords ?? 0);
  // Nothing rejected, but something said: advice.
  if (!(rejected > 0)) return {};
  const said = typeof errorMessage === "string" && errorMessage !== "" ? `: ${excerpt(errorMessage)}` : "";
  const unsaid = rejected < entries.length ? ", and does not say which" : "";
  const reason = `${origin} rejected ${rejected} of ${entries.length} log records${unsaid}${said}`;
  return { refused: entries.map(({ delivery }) => ({ delivery, reason })) };
}

/**
 * 500 and the like are said of what was sent, and not to be tried again. 4xx is as everywhere: what speaks of the data is for
 * good, while 401, 403 or 404 speak of credentials and address. The specification has clients give up there, too; for
 * kev that would set all events aside until somebody mends a token.
 */
function bySpecification({ status }: HttpResponse, error: SendError): SendError {
  if (status < 500 || retriable5xx.has(status)) return error;
  return new SendError(error.message, { retriable: false, cause: error.cause });
}
