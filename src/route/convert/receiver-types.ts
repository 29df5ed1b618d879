import { parseUrl } from "../../util/parse-url.ts";
import { convertGoLayout } from "./go-time.ts";
import type { ReceiverReader } from "./receiver-reader.ts";
import type { SinkValue } from "./variables.ts";

type Sink = Record<string, unknown>;

/** A sink like a receiver; undefined where kev has none. In the order in which kubernetes-event-exporter looks for them. */
export const receiverTypes: Readonly<Record<string, ((reader: ReceiverReader) => Sink) | undefined>> = {
  inMemory: undefined,
  pipe,
  webhook,
  file,
  syslog: undefined,
  stdout,
  elasticsearch: (reader) => elasticsearch(reader, true),
  kinesis: undefined,
  firehose: undefined,
  opensearch: (reader) => elasticsearch(reader, false),
  opsgenie: undefined,
  sqs: undefined,
  sns: undefined,
  slack,
  kafka,
  pubsub: undefined,
  opscenter: undefined,
  teams,
  bigquery: undefined,
  eventbridge: undefined,
  loki,
};

function stdout(reader: ReceiverReader): Sink {
  noLayout(reader);
  return { type: "stdout" };
}

function file(reader: ReceiverReader): Sink {
  noLayout(reader);
  const [size, backups] = [reader.number("maxsize"), reader.number("maxbackups")];
  reader.leaveOut("maxage", "files are kept by their number (keep), not by days");
  if (backups === undefined) reader.remark("maxbackups", "is 5 (keep) where nothing is said, not as many as there are");
  return {
    ...{ type: "file", path: reader.text("path") ?? "events.jsonl" },
    ...(size !== undefined && { maxSize: `${size}MiB` }),
    ...(backups !== undefined && { keep: backups }),
  };
}

function pipe(reader: ReceiverReader): Sink {
  const path = reader.text("path");
  noLayout(reader);
  if (path === undefined || (typeof path === "string" && path.startsWith("/dev/"))) {
    if (path !== "/dev/stdout") reader.remark("path", "kev writes to files and stdout: its events go to stdout");
    return { type: "stdout" };
  }
  reader.remark("", "is a file: kev adds to it, and does not empty it at its start");
  return { type: "file", path };
}

function webhook(reader: ReceiverReader): Sink {
  const body = reader.layout("layout");
  if (body === undefined) {
    reader.remark(
      "layout",
      "the body is the event; it has no clusterName, and no labels and annotations of the object",
    );
  }
  return {
    ...{ type: "webhook", url: reader.text("endpoint") ?? "" },
    ...optional("headers", reader.templates("headers")),
    body: body ?? "{{ event | json }}",
    ...tlsOf(reader),
  };
}

function teams(reader: ReceiverReader): Sink {
  reader.leaveOut("layout", "write the text of the message under body");
  return {
    ...{ type: "webhook", url: reader.text("endpoint") ?? "" },
    ...optional("headers", reader.templates("headers")),
    body: { summary: "event", text: "Event: {{ event.message }}\nStatus: {{ event.reason }}" },
  };
}

function slack(reader: ReceiverReader): Sink {
  reader.leaveOut("token", "kev posts to an incoming webhook: make one, and set SLACK_WEBHOOK to its address");
  reader.leaveOut("color", "it is the colour of the event's type");
  reader.leaveOut("author_name", "write it into title or text");
  const channel = reader.template("channel");
  if (channel !== undefined) reader.remark("channel", "a webhook may have one channel only, and no other");
  const [message, heading] = [reader.template("message"), reader.template("title")];
  const fields = Object.entries(reader.templates("fields") ?? {});
  const isPlain = fields.every(([, value]) => typeof value === "string");
  if (!isPlain) reader.remark("fields", "are left out: a variable cannot be a part of text");
  const lines = isPlain ? fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `*${key}*: ${value}`) : [];
  const text = [...(typeof heading === "string" ? [`*${heading}*`] : []), ...lines].join("\n");
  if (lines.length > 0) reader.remark("fields", "are lines of text");
  return {
    ...{ type: "slack", url: { fromEnv: "SLACK_WEBHOOK" } },
    ...optional("title", message),
    // Else the message would stand there twice.
    text,
    ...optional("footer", reader.template("footer")),
    ...optional("channel", channel),
  };
}

function loki(reader: ReceiverReader): Sink {
  reader.raw("layout");
  reader.remark("layout", "what is sent has kev's form, which kev route test shows");
  reader.remark("", "entries have the time of the event, not of sending, so that one that comes twice is one");
  const { "X-Scope-OrgID": tenant, ...headers } = reader.map("headers") ?? {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && value.includes("{{")) {
      reader.remark(`headers.${name}`, "is sent as it stands: headers for Loki are no templates");
    }
  }
  return {
    ...{ type: "loki", url: reader.text("url") ?? "" },
    ...optional("tenant", tenant),
    ...optional("labels", reader.map("streamLabels")),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...tlsOf(reader),
  };
}

function elasticsearch(reader: ReceiverReader, isElastic: boolean): Sink {
  const [host, ...others] = reader.texts("hosts");
  if (others.length > 0) reader.remark("hosts", "kev sends to the first one: give the address of what is before them");
  const cloud = isElastic ? cloudUrl(reader) : undefined;
  noLayout(reader);
  reader.leaveOut("type", "servers have no types of documents any more");
  reader.leaveOut("useEventID", "the id of a document is always that of the change, uid and resourceVersion");
  const { url, user } = withoutUser(host ?? cloud ?? "", reader);
  const [username, password] = [reader.text("username") ?? user?.username, reader.text("password") ?? user?.password];
  const apiKey = isElastic ? reader.text("apiKey") : undefined;
  const index = indexOf(reader);
  return {
    ...{ type: "elasticsearch", url },
    ...optional("index", index),
    ...optional("apiKey", apiKey),
    ...(apiKey === undefined && username !== undefined && { basicAuth: { username, password: password ?? "" } }),
    ...optional("headers", isElastic ? reader.map("headers") : undefined),
    ...tlsOf(reader),
  };
}

function indexOf(reader: ReceiverReader): SinkValue | undefined {
  const [index, format] = [reader.text("index"), reader.text("indexFormat")];
  if (format === undefined) return index;
  if (typeof format !== "string") return format;
  const [, before = format, layout, after = ""] = /^([^{]*)\{(.*)\}([^}]*)$/s.exec(format) ?? [];
  if (layout === undefined) return format;
  const converted = convertGoLayout(layout);
  if (converted === undefined) {
    reader.remark("indexFormat", `the date ${layout} is one that kev cannot write: the index has the day`);
  }
  reader.remark("indexFormat", "is made from the time of the event, not of sending");
  return `${before}{{ time | date: "${converted ?? "%Y.%m.%d"}" }}${after}`;
}

/** Source: https://www.elastic.co/docs/deploy-manage/deploy/elastic-cloud/find-cloud-id */
function cloudUrl(reader: ReceiverReader): SinkValue | undefined {
  const id = reader.text("cloudID");
  if (typeof id !== "string") return id;
  const [domain = "", deployment = ""] = Buffer.from(id.split(":").at(-1) ?? "", "base64")
    .toString()
    .split("$");
  return domain === "" || deployment === "" ? undefined : `https://${deployment}.${domain}`;
}

interface User {
  readonly username: string;
  readonly password: string;
}

function withoutUser(address: SinkValue, reader: ReceiverReader): { url: SinkValue; user?: User } {
  const url = typeof address === "string" ? parseUrl(address) : undefined;
  if (url === undefined || url.username === "") return { url: address };
  const user = { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = "";
  url.password = "";
  reader.remark("hosts", "user and password of the address are under basicAuth");
  return { url: url.href, user };
}

function kafka(reader: ReceiverReader): Sink {
  noLayout(reader);
  reader.leaveOut("clientId", "it is kev's own");
  reader.leaveOut("version", "it is agreed on with the brokers");
  reader.leaveOut("avro", "values are JSON");
  const codec = reader.text("compressionCodec");
  if (codec !== undefined && codec !== "gzip" && codec !== "none") {
    reader.remark("compressionCodec", `is left out: kev knows gzip and none, not ${String(codec)}`);
  }
  const [tls, sasl] = [reader.inner("tls"), reader.inner("sasl")];
  const hasTls = tls.flag("enable");
  const tlsFields = tlsMembers(tls);
  tls.nameTheRest();
  return {
    ...{ type: "kafka", brokers: reader.texts("brokers"), topic: reader.text("topic") ?? "" },
    key: "{{ event.metadata.uid }}",
    ...(codec === "gzip" && { compression: "gzip" }),
    ...(hasTls && { tls: tlsFields }),
    ...optional("sasl", saslOf(sasl)),
  };
}

function saslOf(reader: ReceiverReader): Sink | undefined {
  const isEnabled = reader.flag("enable");
  const mechanisms: Readonly<Record<string, string>> = { sha256: "scram-sha-256", sha512: "scram-sha-512" };
  const [given, username, password] = [reader.text("mechanism"), reader.text("username"), reader.text("password")];
  reader.nameTheRest();
  const mechanism = mechanisms[String(given)] ?? "plain";
  return isEnabled ? { mechanism, username: username ?? "", password: password ?? "" } : undefined;
}

function tlsOf(reader: ReceiverReader): Sink {
  const inner = reader.inner("tls");
  const tls = tlsMembers(inner);
  inner.nameTheRest();
  return Object.keys(tls).length === 0 ? {} : { tls };
}

function tlsMembers(reader: ReceiverReader): Sink {
  reader.leaveOut("serverName", "the certificate must be for the name in the address");
  return {
    ...optional("caFile", reader.text("caFile")),
    ...optional("certFile", reader.text("certFile")),
    ...optional("keyFile", reader.text("keyFile")),
    ...(reader.flag("insecureSkipVerify") && { insecureSkipVerify: true }),
  };
}

function noLayout(reader: ReceiverReader): void {
  reader.raw("layout");
  reader.remark("layout", "what is sent has kev's form, which kev route test shows");
  reader.leaveOut("deDot", "labels and annotations keep the dots in their names");
}

function optional(key: string, value: unknown): Sink {
  return value === undefined ? {} : { [key]: value };
}
