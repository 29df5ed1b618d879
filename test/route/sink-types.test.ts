import { describe, expect, test } from "@jest/globals";
import { describeSink } from "../../src/route/config/describe-sink.ts";
import { loadRouteConfig } from "../../src/route/config/load-route-config.ts";
import { deliveryKeys } from "../../src/route/config/read-delivery-policy.ts";
import { optionKeys } from "../../src/route/config/sink-fields.ts";
import { sinkTypes } from "../../src/sinks/registry.ts";
import { fakeSinkTypes } from "../support/fake-sink-types.ts";
import { sinkServices } from "../support/sink-services.ts";

describe.each(sinkTypes.map((type) => [type.type, type] as const))("a sink of type %s", (_, type) => {
  test("has no member that all sinks have", () => {
    const common = new Set<string>(["type", ...deliveryKeys]);
    expect(optionKeys(type.options, []).filter((key) => common.has(key))).toEqual([]);
  });

  test("has an example that loads", async () => {
    const variables = [...type.example.matchAll(/fromEnv: (\w+)/g)].map(([, name]) => [name, "https://example.com/x"]);
    const text = `routes: [{ sinks: example }]\nsinks:\n  example:\n${type.example.trimEnd().replaceAll(/^/gm, "    ")}\n`;
    const { sinks } = await loadRouteConfig(text, {
      ...{ path: "example.yaml", sinkTypes },
      services: sinkServices({ env: Object.fromEntries(variables) }),
      readFile: async () => "secret\n",
    });
    expect(sinks.map((sink) => sink.type)).toEqual([type.type]);
  });
});

test("fields are described one by one, those of inner maps after them", () => {
  const [chat] = fakeSinkTypes;
  if (!chat) throw new Error("There is no chat");
  const { fields } = describeSink(chat);
  expect(
    fields.map(({ name, type, required, secret, template }) => ({ name, type, required, secret, template })),
  ).toEqual([
    { name: "url", type: "string", required: true, secret: true, template: false },
    { name: "text", type: "string", required: false, secret: false, template: true },
    { name: "channel", type: "string", required: false, secret: false, template: false },
    { name: "headers", type: "map", required: false, secret: true, template: false },
    { name: "tls", type: "map", required: false, secret: false, template: false },
    { name: "tls.caFile", type: "string", required: false, secret: false, template: false },
    { name: "tls.minVersion", type: "1.2 or 1.3", required: false, secret: false, template: false },
    { name: "brokers", type: "list of string", required: false, secret: false, template: false },
    { name: "limit", type: "string or number", required: false, secret: false, template: false },
    { name: "auth", type: "string or map", required: false, secret: false, template: false },
    { name: "auth.user", type: "string", required: true, secret: false, template: false },
    { name: "auth.password", type: "string", required: true, secret: true, template: false },
  ]);
  expect(fields.find(({ name }) => name === "text")?.default).toBe("{{ event.message }}");
});
