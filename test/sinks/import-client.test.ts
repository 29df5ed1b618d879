import { expect, test } from "@jest/globals";
import { importClient } from "../../src/sinks/import-client.ts";

test("an optional client is loaded", async () => {
  const { Client } = await importClient<typeof import("pg")>("pg", "postgres");
  expect(typeof Client).toBe("function");
});

test("one that is not installed is said with what installs it", async () => {
  await expect(importClient("no-such-client", "lorry")).rejects.toMatchObject({
    kind: "usage",
    message: "a sink of type lorry needs the package no-such-client",
    hint: "npm install no-such-client",
  });
});
