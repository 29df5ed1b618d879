import { z } from "zod";
import { isRecord, recordOf } from "../util/is-record.ts";
import { answerObject } from "./answer-object.ts";
import { atPath } from "./at-path.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { httpFields, httpUrl, secret, template } from "./fields.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { excerpt } from "./http-answer.ts";
import { plainId } from "./plain-id.ts";
import { SendError } from "./send-error.ts";
import { type PartResult, sendInParts } from "./send-in-parts.ts";
import type { Refusal } from "./sink.ts";
import { splitBatch } from "./split-batch.ts";
import { compileTemplate } from "./template.ts";

// Elasticsearch: https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk
// OpenSearch: https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
//
// Only `create` is used: data streams take nothing else, and a document that is there already answers 409, which means that
// this change was taken before. Ids are unique within an index only. An index named by the event's own time is the same one
// for each delivery; a data stream writes to its newest index, so what is sent again after a rollover is there twice.

const defaultIndex = 'kev-events-{{ time | date: "%Y.%m.%d" }}';

const options = z
  .strictObject({
    url: httpUrl("Where Elasticsearch or OpenSearch is; /_bulk is added"),
    index: template(
      `Name of the index, by default ${defaultIndex}: in lower case. The date should be the event's, so that an event that is sent again goes to the same index`,
    ).optional(),
    dataStream: z
      .string()
      .min(1)
      .meta({ description: "Write to this data stream, such as logs-kev-default, instead of an index" })
      .optional(),
    apiKey: secret("Sent as Authorization: ApiKey, in its encoded form").optional(),
    ...httpFields,
  })
  .refine(({ index, dataStream }) => index === undefined || dataStream === undefined, {
    message: "index and dataStream exclude each other",
  })
  .refine(({ apiKey, basicAuth, bearerToken }) => [apiKey, basicAuth, bearerToken].filter(Boolean).length <= 1, {
    message: "apiKey, basicAuth and bearerToken exclude each other",
  });

interface BulkEntry {
  readonly delivery: Delivery;
  readonly bytes: number;
  /** Two lines. */
  readonly text: string;
}

export const elasticsearch = defineSink({
  type: "elasticsearch",
  summary: "Documents for Elasticsearch or OpenSearch, over their bulk API",
  documentation: "https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-bulk",
  options,
  example: `type: elasticsearch
url: https://elasticsearch.logging.svc:9200
apiKey: { fromEnv: ELASTICSEARCH_API_KEY }`,
  batch: { events: 500, bytes: 2 * 2 ** 20, wait: 1_000 },
  create: async ({ url, index, dataStream, apiKey, headers, ...http }, services) => {
    const address = atPath(url, "/_bulk");
    address.searchParams.set("filter_path", "errors,items.*.status,items.*.error.type,items.*.error.reason");
    const client = await createHttpClient(
      {
        url: address,
        gzip: true,
        headers: { ...(apiKey === undefined ? {} : { Authorization: `ApiKey ${apiKey}` }), ...headers },
        secrets: apiKey === undefined ? [] : [apiKey],
        // A reason quotes what it refuses.
        longestAnswer: 32 * 2 ** 20,
        ...http,
      },
      services,
    );
    const name = compileTemplate(dataStream === undefined ? (index ?? defaultIndex) : "", "index");
    // Elastic advises 5 to 15 MB; small domains of OpenSearch at AWS take 10 MiB.
    const limits = { entries: 1_000, bytes: 5 * 2 ** 20 };

    function entryOf(delivery: Delivery): BulkEntry {
      const action = { create: { _index: dataStream ?? name.render(delivery), _id: plainId(delivery.id) } };
      const text = `${JSON.stringify(action)}\n${JSON.stringify(documentOf(delivery))}\n`;
      return { delivery, bytes: Buffer.byteLength(text), text };
    }

    const requestOf = (entries: readonly BulkEntry[]): HttpRequest => ({
      method: "POST",
      url: address,
      headers: { "Content-Type": "application/x-ndjson" },
      body: entries.map(({ text }) => text).join(""),
    });

    return {
      send: sendInParts<BulkEntry>({
        limits,
        entryOf,
        sendPart: async (entries, signal) => {
          const request = requestOf(entries);
          const answer = await client.send(request, signal);
          const result = bulkResult(answerObject(answer)?.items, entries, address);
          if (result === undefined) throw client.errorOf(answer, request);
          return result;
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

/** The delivery, with `@timestamp`, which data streams must have, and keys that both products can map. */
function documentOf({ event, object, ...rest }: Delivery): Record<string, unknown> {
  const { labels, annotations, ...metadata } = event.metadata;
  return {
    "@timestamp": rest.time,
    ...rest,
    event: { ...event, metadata: { ...metadata, labels: undotted(labels), annotations: undotted(annotations) } },
    object: object && { ...object, labels: undotted(object.labels), annotations: undotted(object.annotations) },
  };
}

/**
 * Dots in field names are objects to Elasticsearch: `app` beside `app.kubernetes.io/name` would be a text and an object in one
 * place, and the second document of the two would be refused.
 */
function undotted(map: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  if (map === undefined) return undefined;
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key.replaceAll(".", "_"), value]));
}

/** What the answer says of each; undefined where it is none of a bulk request of so many. */
function bulkResult(items: unknown, entries: readonly BulkEntry[], { origin }: URL): PartResult | undefined {
  if (!Array.isArray(items) || items.length !== entries.length) return undefined;
  const refused: Refusal[] = [];
  const again = new Set<Delivery>();
  let why: string | undefined;
  for (const [index, { delivery }] of entries.entries()) {
    const item = recordOf(recordOf(items[index]).create);
    const { status, error } = item;
    if (typeof status !== "number") return undefined;
    if ((status >= 200 && status <= 299) || status === 409) continue;
    const text = errorText(error);
    if (isForGood(status, error)) {
      refused.push({ delivery, reason: `${origin} refused it with ${status}${text}` });
    } else {
      again.add(delivery);
      why ??= `${origin} refused some of a bulk request with ${status}${text}`;
    }
  }
  if (why === undefined) return { refused };
  return { refused, failed: { deliveries: again, error: new SendError(why, { retriable: true }) } };
}

/**
 * 400 is said of a document that the mapping does not fit, and that will not change. But the cluster that has no room for
 * one more index says it, too; that, 429, an index that is missing or locked, and missing rights get mended.
 */
function isForGood(status: number, error: unknown): boolean {
  return (status === 400 || status === 413) && recordOf(error).type !== "validation_exception";
}

function errorText(error: unknown): string {
  if (!isRecord(error)) return "";
  return `: ${excerpt([error.type, error.reason].filter((part) => typeof part === "string").join(": "))}`;
}
