import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type MetricsServer, startMetricsServer } from "../../src/metrics/metrics-server.ts";
import { monitoringPage } from "../../src/metrics/monitoring-pages.ts";

let server: MetricsServer;
let ending: AbortController;
let problem: string | undefined;
let failure: Error | undefined;
let errors: unknown[];

beforeEach(async () => {
  ending = new AbortController();
  problem = undefined;
  failure = undefined;
  errors = [];
  server = await startMetricsServer({
    host: "127.0.0.1",
    port: 0,
    onError: (error) => errors.push(error),
    pages: (path) =>
      monitoringPage(path, {
        signal: ending.signal,
        readiness: async () => [{ check: "watch", problem }],
        metrics: async () => {
          if (failure) throw failure;
          return { contentType: "text/plain; version=0.0.4", text: "kev_up 1\n" };
        },
      }),
  });
});

afterEach(() => server.close());

async function get(path: string, init: RequestInit = {}) {
  const response = await fetch(`http://127.0.0.1:${server.address.port}${path}`, init);
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

describe("the pages", () => {
  test("metrics and health", async () => {
    expect(await get("/metrics")).toEqual({ status: 200, type: "text/plain; version=0.0.4", text: "kev_up 1\n" });
    expect(await get("/healthz?verbose")).toEqual({ status: 200, type: "text/plain", text: "ok" });
    expect(await get("/metrics", { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });

  test("readiness says what is not so", async () => {
    const ready = "[+]shutdown ok\n[+]watch ok\nreadyz check passed\n";
    expect(await get("/readyz")).toEqual({ status: 200, type: "text/plain", text: ready });
    problem = "nothing was listed yet";
    ending.abort();
    expect(await get("/readyz")).toEqual({
      status: 503,
      type: "text/plain",
      text: "[-]shutdown failed: the process is ending\n[-]watch failed: nothing was listed yet\nreadyz check failed\n",
    });
  });

  test("there are no others, and nothing but reading them", async () => {
    expect(await get("/")).toEqual({ status: 404, type: "text/plain", text: "404 page not found\n" });
    expect(await get("//")).toMatchObject({ status: 404 });
    const posted = await get("/metrics", { method: "POST", body: "x".repeat(100_000) });
    expect(posted).toEqual({ status: 405, type: "text/plain", text: "405 method not allowed\n" });
  });

  test("one that fails is told to who runs the server only", async () => {
    failure = new Error("a secret");
    expect(await get("/metrics")).toEqual({ status: 500, type: "text/plain", text: "500 internal server error\n" });
    expect(errors).toEqual([failure]);
    expect(await get("/healthz")).toMatchObject({ status: 200 });
  });
});

test("a port that is taken is an error with the flag that helps", async () => {
  const { port } = server.address;
  await expect(startMetricsServer({ host: "127.0.0.1", port, pages: async () => undefined })).rejects.toMatchObject({
    line: `error: cannot listen on 127.0.0.1:${port}: the address is already in use`,
    hint: "--listen takes another address, or none",
    exitCode: 1,
  });
});

test("closing ends connections that are kept without a request under way", async () => {
  const { port } = server.address;
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  await new Promise((resolve) => socket.once("data", resolve));
  await server.close();
  await closed;
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
});
