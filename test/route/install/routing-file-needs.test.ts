import { describe, expect, test } from "@jest/globals";
import { routingFileNeeds } from "../../../src/route/install/routing-file-needs.ts";

const objectsOf = (rules: string): boolean => routingFileNeeds(`routes: [${rules}]`, "routes.yaml").objects;

describe("objects are read", () => {
  test.each([
    "{ match: { labels: { app: ui } } }",
    "{ match: [{ reason: Killing }, { annotations.team: sre }] }",
    "{ routes: [{ drop: { owner: Job } }] }",
  ])("for %s", (rules) => {
    expect(objectsOf(rules)).toBe(true);
  });

  test("where the file says so", () => {
    expect(routingFileNeeds("objects: { read: true }", "f").objects).toBe(true);
    expect(routingFileNeeds("objects: { read: false }", "f").objects).toBe(false);
  });

  test.each(["{ match: { eventLabels.app: ui, reason: labels } }", "{ sinks: [owner] }", ""])("not for %s", (rules) => {
    expect(objectsOf(rules)).toBe(false);
  });

  test("not for labels of a sink", () => {
    expect(routingFileNeeds("sinks: { loki: { type: loki, labels: { app: kev } } }", "f").objects).toBe(false);
  });
});

test("variables and files of all sinks, each once", () => {
  const text = `
    sinks:
      chat: { type: webhook, url: { fromEnv: CHAT_URL } }
      other: { type: webhook, url: { fromEnv: CHAT_URL }, headers: [{ value: { fromFile: token } }, { value: { fromEnv: TOKEN } }] }
  `;
  expect(routingFileNeeds(text, "f")).toEqual({ objects: false, env: ["CHAT_URL", "TOKEN"], files: ["token"] });
});

test.each([
  ["", "routes.yaml: a routing file is a map with routes and sinks"],
  ["- a", "routes.yaml: a routing file is a map with routes and sinks"],
  ["a: [", /^routes.yaml: Flow sequence/],
])("%j is no routing file", (text, message) => {
  expect(() => routingFileNeeds(text, "routes.yaml")).toThrow(message);
});
