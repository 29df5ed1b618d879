import { cloudevents } from "./cloudevents.ts";
import { datadog } from "./datadog.ts";
import { elasticsearch } from "./elasticsearch.ts";
import { file } from "./file.ts";
import { googleCloudLogging } from "./google-cloud-logging.ts";
import { kafka } from "./kafka.ts";
import { loki } from "./loki.ts";
import { otlp } from "./otlp.ts";
import type { SinkType } from "./sink.ts";
import { slack } from "./slack.ts";
import { stdout } from "./stdout.ts";
import { webhook } from "./webhook.ts";

/** Every kind of receiver, in the order that they are listed in. */
export const sinkTypes: readonly SinkType[] = [
  stdout,
  file,
  webhook,
  slack,
  cloudevents,
  loki,
  elasticsearch,
  otlp,
  kafka,
  datadog,
  googleCloudLogging,
];

export function findSinkType(name: string): SinkType | undefined {
  return sinkTypes.find(({ type }) => type === name);
}
