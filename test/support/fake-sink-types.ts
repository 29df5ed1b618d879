import { z } from "zod";
import { defineSink } from "../../src/sinks/define-sink.ts";
import { byteSize, headerMap, httpUrl, secret } from "../../src/sinks/fields.ts";
import { maskSecrets } from "../../src/sinks/preview-request.ts";
import { allTaken, type Sink, type SinkType } from "../../src/sinks/sink.ts";
import { compileTemplate } from "../../src/sinks/template.ts";
import { usageError } from "../../src/util/errors.ts";

const options = z.strictObject({
  url: httpUrl("Where messages go", { secret: true }),
  text: z.string().meta({ description: "Liquid", template: true }).prefault("{{ event.message }}"),
  channel: z.string().meta({ description: "Who reads it" }).optional(),
  headers: headerMap("More headers").optional(),
  tls: z
    .strictObject({
      caFile: z.string().meta({ description: "PEM file" }).optional(),
      minVersion: z.enum(["1.2", "1.3"]).meta({ description: "Oldest version" }).prefault("1.2"),
    })
    .optional(),
  brokers: z.array(z.string()).meta({ description: "HOST:PORT" }).optional(),
  limit: byteSize("Longest message").optional(),
  auth: z
    .union([z.string(), z.strictObject({ user: z.string(), password: secret("Password") })])
    .meta({ description: "A token, or user and password" })
    .optional(),
});

/** A sink with members of every kind. */
const chat = defineSink({
  type: "chat",
  summary: "A line of text to a chat",
  documentation: "https://example.com/chat",
  options,
  example: "type: chat\nurl: { fromEnv: CHAT_URL }\n",
  batch: { events: 20, bytes: 65_536, wait: 1_000 },
  async create({ url, text, channel }) {
    const template = compileTemplate(text, "text");
    if (channel === "") throw usageError("channel is nobody's");
    return {
      ...nothing,
      preview: async (batch) => {
        const lines = batch.map((delivery) => template.render(delivery));
        return `POST ${url.origin}/***\n\n${maskSecrets(lines.join("\n"), [url.pathname])}\n`;
      },
    };
  },
});

const lines = defineSink({
  type: "lines",
  summary: "Lines",
  documentation: "https://example.com/lines",
  options: z.strictObject({}),
  example: "type: lines\n",
  create: async () => ({ ...nothing, preview: async (batch) => batch.map(({ id }) => `${id}\n`).join("") }),
});

const missing = defineSink({
  type: "missing",
  summary: "Needs a package that is not there",
  documentation: "https://example.com/missing",
  options: z.strictObject({}),
  example: "type: missing\n",
  client: "no-such-client",
  create: async () => {
    throw usageError("a sink of type missing needs the package no-such-client", { hint: "npm install no-such-client" });
  },
});

const nothing: Sink = {
  send: async () => allTaken,
  preview: async () => "",
  close: async () => undefined,
};

/** Types of sinks that send nothing. */
export const fakeSinkTypes: readonly SinkType[] = [chat, lines, missing];
