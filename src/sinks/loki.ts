import { z } from "zod";
import { componentOf } from "../events/component-of.ts";
import { truncateBytes } from "../events/limits.ts";
import { answerObject } from "./answer-object.ts";
import { atPath } from "./at-path.ts";
import { cutMessage } from "./cut-message.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { byteSize, httpFields, httpUrl } from "./fields.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { lokiLine } from "./loki-line.ts";
import { sendInParts } from "./send-in-parts.ts";
import { splitBatch } from "./split-batch.ts";
import { compileTemplate } from "./template.ts";
import { unixNanoseconds } from "./unix-nanoseconds.ts";

// The push API: https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs
// What it refuses: https://grafana.com/docs/loki/latest/operations/troubleshooting/troubleshoot-ingest/
//
// An entry is known by its stream, its time and its line: Loki leaves out one that it still has in memory, whatever its
// structured metadata. So the time is the event's, never now, and the line holds what is the same however often, and by
// whichever router, the change is sent. Two changes with one time differ by the id in their lines.
//
// A 400 says that some entries were thrown away (too old, too far behind the newest of their stream, too long), and the others
// kept. Which ones, it does not say reliably: its text names ten at most, and of several streams only the last that had
// trouble. So it counts for the whole request, which is then sent again by halves until every entry that Loki does not want
// stands alone and is refused. Those that were kept the first time come to nothing more, by what makes an entry known.

/** Of a stream: few and short, says Loki; these have few values in any cluster. */
const defaultLabels = {
  job: "kev",
  cluster: "{{ cluster.name }}",
  namespace: "{{ event.involvedObject.namespace }}",
  kind: "{{ event.involvedObject.kind }}",
  type: "{{ event.type }}",
};

/** Bytes; Loki's default for max_label_value_length. */
const longestLabel = 2_048;
/** Bytes of one value; all of an entry's may have 64 KiB. */
const longestMetadata = 1_024;

const options = z.strictObject({
  url: httpUrl("Where Loki is; /loki/api/v1/push is added where the path does not end with it"),
  tenant: z
    .string()
    .min(1)
    .meta({ description: "Sent as X-Scope-OrgID, which a Loki of many tenants asks for" })
    .optional(),
  labels: z
    .record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "must be the name of a label: letters, digits, _"), z.string())
    .refine((labels) => Object.keys(labels).length > 0, "must name at least one label")
    .meta({
      description:
        "Labels of the stream, templates; empty ones are left out. Each combination of values is a stream of its own, and " +
        "Loki suffers from many: no names of objects, reasons or ids here, they are structured metadata",
      template: true,
    })
    .prefault(defaultLabels),
  structuredMetadata: z
    .boolean()
    .meta({
      description:
        "Send reason, name, component, host, level, id, verb, delta and count as structured metadata, which Loki takes from 3.0 on",
    })
    .prefault(true),
  line: z
    .enum(["json", "logfmt"])
    .meta({ description: "How the line is written: the whole event, or one line of its main fields" })
    .prefault("json"),
  longestLine: byteSize("Longer lines have their message cut; Loki's max_line_size").prefault("256KiB"),
  ...httpFields,
});

interface LokiEntry {
  readonly delivery: Delivery;
  readonly bytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly time: string;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
}

export const loki = defineSink({
  type: "loki",
  summary: "Log entries for Grafana Loki, over its push API",
  documentation: "https://grafana.com/docs/loki/latest/reference/loki-http-api/#ingest-logs",
  options,
  example: `type: loki
url: http://loki-gateway.monitoring.svc
tenant: platform`,
  batch: { events: 500, bytes: 2 ** 20, wait: 1_000 },
  create: async ({ url, tenant, labels, structuredMetadata, line, longestLine, ...http }, services) => {
    const address = atPath(url, "/loki/api/v1/push");
    const client = await createHttpClient({ url: address, gzip: true, ...http }, services);
    const templates = Object.entries(labels).map(
      ([name, source]) => [name, compileTemplate(source, `labels.${name}`)] as const,
    );
    // A push that is larger than ingestion_burst_size_mb, 6 MB, would be told to come later for ever.
    const limits = { entries: 1_000, bytes: 2 * 2 ** 20 };

    function entryOf(delivery: Delivery): LokiEntry {
      const text = cutMessage(delivery, longestLine, (one) => lokiLine(one, line, !structuredMetadata));
      const own = templates.map(([name, template]) => [name, truncateBytes(template.render(delivery), longestLabel)]);
      return {
        delivery,
        bytes: Buffer.byteLength(text),
        labels: Object.fromEntries(own.filter(([, value]) => value !== "")),
        time: unixNanoseconds(delivery.time),
        line: text,
        metadata: structuredMetadata ? lokiMetadata(delivery) : undefined,
      };
    }

    const requestOf = (entries: readonly LokiEntry[]): HttpRequest => ({
      method: "POST",
      url: address,
      headers: { "Content-Type": "application/json", ...(tenant === undefined ? {} : { "X-Scope-OrgID": tenant }) },
      body: lokiBody(entries),
    });

    return {
      send: sendInParts<LokiEntry>({
        limits,
        entryOf,
        sendPart: async (entries, signal) => {
          const request = requestOf(entries);
          const answer = await client.exchange(request, signal);
          // 260 is what Loki says where an operator has blocked a tenant: 2xx, but nothing was taken.
          const isTaken = answer.status === 204 || (answer.status === 200 && answerObject(answer));
          if (!isTaken) throw client.errorOf(answer, request);
          return {};
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

/** One stream for each set of labels; its entries by time, as a Loki that takes nothing out of order wants them. */
function lokiBody(entries: readonly LokiEntry[]): string {
  const streams = new Map<string, LokiEntry[]>();
  for (const entry of entries) {
    const key = JSON.stringify(entry.labels);
    const stream = streams.get(key);
    if (stream) stream.push(entry);
    else streams.set(key, [entry]);
  }
  return JSON.stringify({
    streams: [...streams.values()].map((members) => ({
      stream: members[0]?.labels,
      values: members
        .sort((a, b) => Number(BigInt(a.time) - BigInt(b.time)))
        .map(({ time, line, metadata }) => (metadata ? [time, line, metadata] : [time, line])),
    })),
  });
}

/** What is worth searching for, and has too many values for a label. Loki wants strings. */
function lokiMetadata({ id, verb, delta, count, replayed, event }: Delivery): Record<string, string> {
  const members: Record<string, string | undefined> = {
    level: event.type === "Warning" ? "warn" : "info",
    reason: event.reason,
    name: event.involvedObject.name,
    component: componentOf(event),
    host: event.source?.host,
    id,
    verb,
    delta: String(delta),
    count: String(count),
    replayed: replayed ? "true" : undefined,
  };
  const given = Object.entries(members).flatMap(([name, value]): [string, string][] => {
    return value ? [[name, truncateBytes(value, longestMetadata)]] : [];
  });
  return Object.fromEntries(given);
}
