import { z } from "zod";
import { componentOf } from "../events/component-of.ts";
import { answerObject } from "./answer-object.ts";
import { atPath } from "./at-path.ts";
import { cutMessage } from "./cut-message.ts";
import { defineSink } from "./define-sink.ts";
import type { Delivery } from "./delivery.ts";
import { httpFields, httpUrl, secret, template } from "./fields.ts";
import { createHttpClient, type HttpRequest } from "./http.ts";
import { sendInParts } from "./send-in-parts.ts";
import { splitBatch } from "./split-batch.ts";
import { compileTemplate } from "./template.ts";

// Logs: https://docs.datadoghq.com/api/latest/logs/#send-logs
//
// Datadog has an interface for events, too. It takes one event in a request, which a cluster that has troubles is too fast
// for; logs come by the thousand, and are searched, counted and alerted on alike. Neither knows ids: what is sent again is
// there twice, with the same `id`.

/** Milliseconds. Datadog says 202 for what is further away, and throws it away: https://docs.datadoghq.com/logs/log_configuration/processors/log_date_remapper/ */
const oldest = 18 * 3_600_000;
const furthestAhead = 2 * 3_600_000;
/** Bytes. Datadog cuts at 1 MB, in the middle of the JSON. */
const longestLog = 900_000;

const options = z.strictObject({
  site: z
    .string()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, "must be a site such as datadoghq.eu")
    .meta({
      description:
        "Datadog's site: datadoghq.com, datadoghq.eu, us3.datadoghq.com, us5.datadoghq.com, ap1.datadoghq.com, ddog-gov.com, …",
    })
    .prefault("datadoghq.com"),
  url: httpUrl("Where logs go instead of the site's intake, such as a proxy; /api/v2/logs is added").optional(),
  apiKey: secret("API key of the organization, sent as DD-API-KEY"),
  source: z
    .string()
    .min(1)
    .meta({ description: "ddsource: the integration whose pipeline processes the logs" })
    .prefault("kubernetes"),
  service: template("service of the logs").prefault("kubernetes-events"),
  tags: z
    .array(z.string())
    .meta({
      description:
        "More tags, such as env:prod; templates. Cluster, namespace, kind, name, reason and component are there already",
      template: true,
    })
    .prefault([]),
  headers: httpFields.headers,
  tls: httpFields.tls,
});

interface LogEntry {
  readonly delivery: Delivery;
  readonly bytes: number;
  /** JSON. */
  readonly text: string;
}

export const datadog = defineSink({
  type: "datadog",
  summary: "Logs for Datadog, over its intake API; older than 18 hours is refused, as Datadog would drop it",
  documentation: "https://docs.datadoghq.com/api/latest/logs/#send-logs",
  options,
  example: `type: datadog
site: datadoghq.eu
apiKey: { fromEnv: DD_API_KEY }
tags: ["env:prod"]`,
  batch: { events: 500, bytes: 2 * 2 ** 20, wait: 1_000 },
  create: async ({ site, url, apiKey, source, service, tags, ...http }, services) => {
    const address = atPath(url ?? new URL(`https://http-intake.logs.${site}`), "/api/v2/logs");
    const client = await createHttpClient({ url: address, gzip: true, secrets: [apiKey], ...http }, services);
    const serviceTemplate = compileTemplate(service, "service");
    const tagTemplates = tags.map((tag, index) => compileTemplate(tag, `tags[${index}]`));
    // 1000 entries and 5 MB, not packed.
    const limits = { entries: 1_000, bytes: 4_900_000 };

    function logEntry(delivery: Delivery): LogEntry {
      const own = {
        ddsource: source,
        service: serviceTemplate.render(delivery),
        ddtags: [
          ...standingTags(delivery),
          ...tagTemplates.map((one) => one.render(delivery).replaceAll(",", "_")),
        ].join(","),
      };
      const text = cutMessage(delivery, longestLog, (one) => JSON.stringify({ ...own, ...datadogLog(one) }));
      return { delivery, bytes: Buffer.byteLength(text) + 1, text };
    }

    const requestOf = (entries: readonly LogEntry[]): HttpRequest => ({
      method: "POST",
      url: address,
      headers: { "Content-Type": "application/json", "DD-API-KEY": apiKey },
      body: `[${entries.map(({ text }) => text).join(",")}]`,
    });

    return {
      send: sendInParts<LogEntry>({
        limits,
        entryOf: (delivery) => {
          const age = services.clock.now().getTime() - Date.parse(delivery.time);
          if (age > oldest) return "Datadog keeps no logs that are older than 18 hours";
          if (age < -furthestAhead) return "Datadog keeps no logs that are more than 2 hours ahead";
          return logEntry(delivery);
        },
        sendPart: async (entries, signal) => {
          const request = requestOf(entries);
          const answer = await client.send(request, signal);
          if (answerObject(answer) === undefined) throw client.errorOf(answer, request);
          return {};
        },
      }),
      preview: async (batch) => {
        const parts = splitBatch(batch.map(logEntry), limits);
        return parts.map((part) => client.preview(requestOf(part))).join("\n");
      },
      close: async () => client.close(),
    };
  },
});

/** The reserved attributes, then kev's; the message is not there twice. */
function datadogLog({ id, verb, delta, count, time, replayed, cluster, event, object }: Delivery) {
  const { message = "", ...rest } = event;
  return {
    message,
    status: event.type === "Warning" ? "warn" : "info",
    timestamp: time,
    hostname: event.source?.host || undefined,
    id,
    verb,
    delta,
    count,
    replayed: replayed || undefined,
    cluster,
    event: rest,
    object,
  };
}

/** With the names that Datadog's agent gives what it collects from Kubernetes. */
function standingTags({ cluster, event }: Delivery): string[] {
  const { involvedObject: about } = event;
  const tags: Record<string, string | undefined> = {
    kube_cluster_name: cluster?.name,
    kube_namespace: about.namespace,
    kube_kind: about.kind,
    kube_name: about.name,
    event_reason: event.reason,
    source_component: componentOf(event),
  };
  // Tags end at a comma; what else must not be in them, Datadog replaces itself.
  return Object.entries(tags).flatMap(([name, value]) => (value ? [`${name}:${value.replaceAll(",", "_")}`] : []));
}
