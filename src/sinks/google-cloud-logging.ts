import { z } from "zod";
import { isRecord, recordOf } from "../util/is-record.ts";
import { answerObject } from "./answer-object.ts";
import { atPath } from "./at-path.ts";
import { cutMessage } from "./cut-message.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { duration, httpFields, httpUrl } from "./fields.ts";
import { createAccessTokens } from "./google-access-token.ts";
import { type CloudCluster, cloudLogEntry } from "./google-log-entry.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { excerpt, type HttpResponse } from "./http-answer.ts";
import { maskSecrets } from "./preview-request.ts";
import { SendError } from "./send-error.ts";
import { type PartResult, sendInParts } from "./send-in-parts.ts";
import { splitBatch } from "./split-batch.ts";

// https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/write
// Limits: https://cloud.google.com/logging/quotas

/** Bytes of JSON. An entry may have about 256 KB, by Google's own count. */
const longestEntry = 240_000;
const scope = "https://www.googleapis.com/auth/logging.write";

const options = z.strictObject({
  project: z.string().min(1).meta({ description: "Project that the log belongs to" }),
  location: z.string().min(1).meta({ description: "Region or zone of the cluster, such as europe-west1" }),
  cluster: z.string().min(1).meta({ description: "Name of the cluster as GKE knows it" }),
  log: z
    .string()
    .regex(/^[A-Za-z0-9/_.-]{1,511}$/, "must consist of letters, digits, / _ - .")
    .meta({ description: "Id of the log. GKE writes the events that it exports itself into the log events" })
    .prefault("kev-events"),
  keyFile: z
    .string()
    .min(1)
    .meta({
      description:
        "JSON key of a service account; without it the metadata server is asked, as on GKE with workload identity",
    })
    .optional(),
  retention: duration("How long the log's bucket keeps entries; older ones are refused, as Google would drop them", {
    least: 86_400_000,
  }).prefault("720h"),
  url: httpUrl("Where Cloud Logging is; /v2/entries:write is added").prefault("https://logging.googleapis.com"),
  tokenUrl: httpUrl("Where a key is exchanged for a token, instead of what the key file says").optional(),
  metadataUrl: httpUrl(
    "Where the metadata server is, instead of $GCE_METADATA_HOST or http://metadata.google.internal",
  ).optional(),
  headers: httpFields.headers,
  tls: httpFields.tls,
});

interface WriteEntry {
  readonly delivery: Delivery;
  readonly bytes: number;
  /** JSON. */
  readonly text: string;
}

export const googleCloudLogging = defineSink({
  type: "google-cloud-logging",
  summary: "Log entries for Google Cloud Logging, with the resources of GKE's own export of events",
  documentation: "https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/write",
  options,
  example: `type: google-cloud-logging
project: my-project
location: europe-west1
cluster: prod-eu`,
  batch: { events: 500, bytes: 2 * 2 ** 20, wait: 1_000 },
  create: async ({ keyFile, tokenUrl, metadataUrl, retention, url, log, headers, tls, ...cluster }, services) => {
    const address = atPath(url, "/v2/entries:write");
    const logName = `projects/${cluster.project}/logs/${encodeURIComponent(log)}`;
    const client = await createHttpClient({ url: address, headers, tls }, services);
    const tokens = await createAccessTokens({ keyFile, tokenUrl, metadataUrl, scope }, services);
    // 10 MB.
    const limits = { entries: 1_000, bytes: 8_000_000 };

    const entryOf = (delivery: Delivery): WriteEntry => writeEntry(delivery, cluster);
    const requestOf = (entries: readonly WriteEntry[], token: string): HttpRequest => ({
      method: "POST",
      url: address,
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
      body: `{"logName":${JSON.stringify(logName)},"partialSuccess":true,"entries":[${entries.map(({ text }) => text).join(",")}]}`,
    });

    async function write(entries: readonly WriteEntry[], signal: AbortSignal) {
      const token = await tokens.token(signal);
      const request = requestOf(entries, token);
      const answer = await client.exchange(request, signal);
      return { token, answer, error: masked(client.errorOf(answer, request), tokens.given()) };
    }

    return {
      send: sendInParts<WriteEntry>({
        limits,
        entryOf: (delivery) => {
          const age = services.clock.now().getTime() - Date.parse(delivery.time);
          return age > retention
            ? "older than the retention of the log: Cloud Logging would not keep it"
            : entryOf(delivery);
        },
        sendPart: async (entries, signal) => {
          let { token, answer, error } = await write(entries, signal);
          if (answer.status === 401) {
            // Taken back before its time; a new one is asked for once.
            tokens.reject(token);
            ({ answer, error } = await write(entries, signal));
          }
          return resultOf(answer, entries, error);
        },
      }),
      preview: async (batch) => {
        const parts = splitBatch(batch.map(entryOf), limits);
        return parts.map((part) => client.preview(requestOf(part, "TOKEN"))).join("\n");
      },
      close: async () => {
        client.close();
        tokens.close();
      },
    };
  },
});

function writeEntry(delivery: Delivery, cluster: CloudCluster): WriteEntry {
  const text = cutMessage(delivery, longestEntry, (one) => JSON.stringify(cloudLogEntry(one, cluster)));
  return { delivery, bytes: Buffer.byteLength(text) + 1, text };
}

/** Codes of google.rpc.Code that speak of the entry: INVALID_ARGUMENT and OUT_OF_RANGE. */
const refusedCodes = new Set([3, 11]);

/**
 * With partialSuccess the answer has the status of one entry that failed, and says which did, by their index; all others
 * were written. Where no entry was, it names none.
 */
function resultOf(answer: HttpResponse, entries: readonly WriteEntry[], error: SendError): PartResult {
  const body = answerObject(answer);
  if (answer.status === 200 && body) return {};
  const details = recordOf(body?.error).details;
  const partial = (Array.isArray(details) ? details : [])
    .map((detail) => recordOf(detail).logEntryErrors)
    .find(isRecord);
  if (partial === undefined) throw error;
  const failed = entries.flatMap(({ delivery }, index) => {
    const status = partial[String(index)];
    if (status === undefined) return [];
    const { code, message } = recordOf(status);
    const reason = `Cloud Logging did not write it: ${excerpt(typeof message === "string" ? message : error.message)}`;
    return [{ delivery, reason, isForGood: typeof code === "number" && refusedCodes.has(code) }];
  });
  const refused = failed.filter(({ isForGood }) => isForGood);
  const again = new Set(failed.filter(({ isForGood }) => !isForGood).map(({ delivery }) => delivery));
  if (again.size === 0) return { refused };
  const { message, retryAfter, cause } = error;
  return {
    refused,
    failed: { deliveries: again, error: new SendError(message, { retriable: true, retryAfter, cause }) },
  };
}

function masked({ message, retriable, retryAfter, cause }: SendError, secrets: readonly string[]): SendError {
  return new SendError(maskSecrets(message, secrets), { retriable, retryAfter, cause });
}
