import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createHttpClient, type HttpClient, type HttpClientOptions, type HttpRequest } from "../../src/sinks/http.ts";
import type { SinkServices } from "../../src/sinks/sink.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { startHttpProxy } from "../support/proxies.ts";
import { sinkServices } from "../support/sink-services.ts";

const never = new AbortController().signal;
const clients: HttpClient[] = [];
let stub: ApiStub;

beforeEach(async () => {
  stub = await startApiStub();
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stub.close();
});

async function client(
  options: Partial<HttpClientOptions> = {},
  services: Partial<SinkServices> = {},
): Promise<HttpClient> {
  const made = await createHttpClient({ url: new URL(stub.url), ...options }, sinkServices(services));
  clients.push(made);
  return made;
}

function request(more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: "POST",
    url: new URL(`${stub.url}/push?a=1`),
    headers: { "Content-Type": "text/plain" },
    body: "ä",
    ...more,
  };
}

describe("the HTTP client of sinks", () => {
  test("sends one request and gives the answer", async () => {
    stub.next(json({ ok: true }, 201, { "X-Answer": "yes" }));
    const answer = await (await client({ headers: { "X-Tenant": "a" }, bearerToken: "t0ken" })).send(request(), never);
    expect(answer).toMatchObject({ status: 201, body: '{"ok":true}', isCut: false, headers: { "x-answer": "yes" } });
    expect(stub.requests).toMatchObject([
      {
        method: "POST",
        url: "/push?a=1",
        body: "ä",
        headers: {
          "user-agent": ["kev/0.0.0-dev"],
          authorization: ["Bearer t0ken"],
          "x-tenant": ["a"],
          "content-type": ["text/plain"],
          "content-length": ["2"],
        },
      },
    ]);
  });

  test("keeps its connection", async () => {
    const http = await client();
    for (let request_ = 0; request_ < 3; request_++) {
      stub.next(json({}));
      await http.send(request(), never);
    }
    expect(new Set(stub.requests.map(({ port }) => port)).size).toBe(1);
  });

  test("knows user and password, and lets a request's own headers win", async () => {
    stub.next(json({}));
    const http = await client({ basicAuth: { username: "me", password: "p:w" }, headers: { "content-type": "a/b" } });
    await http.send(request(), never);
    expect(stub.requests[0]?.headers).toMatchObject({
      authorization: ["Basic bWU6cDp3"],
      "content-type": ["text/plain"],
    });
  });

  test("packs bodies", async () => {
    const bodies: Buffer[] = [];
    const server = await listening(
      createServer(async (incoming, response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of incoming) chunks.push(chunk);
        expect(incoming.headers["content-encoding"]).toBe("gzip");
        bodies.push(gunzipSync(Buffer.concat(chunks)));
        response.end();
      }),
    );
    const url = new URL(server.url);
    await (await client({ url, gzip: true })).send(request({ url, body: "packed" }), never);
    expect(String(bodies[0])).toBe("packed");
    await server.close();
  });

  test("reads an answer up to a bound", async () => {
    stub.next((response) => response.end("x".repeat(2 ** 20 + 1)));
    const { body, isCut } = await (await client()).send(request(), never);
    expect([body.length, isCut]).toEqual([2 ** 20, true]);
  });

  test("gives any answer to who asks for it", async () => {
    stub.next(json({ error: "t0ken-t0ken" }, 404));
    const http = await client({ bearerToken: "t0ken-t0ken" });
    const answer = await http.exchange(request(), never);
    expect(answer.status).toBe(404);
    expect(http.errorOf(answer, request()).message).toBe(`${stub.url} answered HTTP 404: {"error":"***"}`);
  });

  test("says nothing of user and password that an answer quotes", async () => {
    stub.next(json({ error: "Basic bWU6cDp3LXAtdw== of p:w-p-w" }, 401));
    const http = await client({ basicAuth: { username: "me", password: "p:w-p-w" } });
    await expect(http.send(request(), never)).rejects.toThrow(
      `${stub.url} answered HTTP 401: {"error":"Basic *** of ***"}`,
    );
  });

  test("says that nobody is there, retriably, with the origin only", async () => {
    const url = new URL(stub.url);
    const http = await client();
    await stub.close();
    await expect(http.send(request({ url: new URL(`${stub.url}/s3cret`) }), never)).rejects.toMatchObject({
      message: `${url.origin}: connection refused`,
      retriable: true,
    });
    stub = await startApiStub();
  });

  test.each([
    ["before", (response: { destroy(): void }) => response.destroy(), "EOF"],
    [
      "within",
      (response: { write(text: string, done: () => void): void; destroy(): void }) =>
        response.write("half", () => response.destroy()),
      "unexpected EOF",
    ],
  ])("tells a connection that was cut %s the answer, retriably", async (_when, cut, text) => {
    stub.next(cut);
    await expect((await client()).send(request(), never)).rejects.toMatchObject({
      message: `${stub.url}: ${text}`,
      retriable: true,
    });
  });

  test("ends when its signal aborts, also within an answer", async () => {
    const http = await client();
    for (const begin of [false, true]) {
      const stop = new AbortController();
      const reason = new Error("stopped");
      stub.next((response) => {
        if (begin) response.write("half", () => stop.abort(reason));
        else stop.abort(reason);
      });
      await expect(http.send(request(), stop.signal)).rejects.toBe(reason);
    }
  });

  test("refuses for good what cannot be a header", async () => {
    await expect((await client()).send(request({ headers: { "X-A": "a\nb" } }), never)).rejects.toMatchObject({
      message: `${stub.url}: net/http: invalid header field value for "X-A"`,
      retriable: false,
    });
  });

  test("shows what it would send", async () => {
    const url = new URL(`${stub.url}/hook/0123456789abcdef?key=s3cret-of-a-url`);
    const http = await client({ url, secretUrl: true, headers: { "X-Tenant": "a" }, bearerToken: "t0ken" });
    const preview = http.preview(request({ url, body: '{"text":"a t0ken and s3cret-of-a-url"}' }));
    expect(preview.replaceAll(stub.url, "ORIGIN")).toBe(`POST ORIGIN/***
User-Agent: kev/0.0.0-dev
Authorization: ***
X-Tenant: ***
Content-Type: text/plain

{
  "text": "a *** and ***"
}
`);
  });

  test("shows no path that may be a token, however short it is", async () => {
    const url = new URL(`${stub.url}/x`);
    const [first] = (await client({ url, secretUrl: true })).preview(request({ url })).split("\n");
    expect(first).toBe(`POST ${stub.url}/***`);
  });

  test("goes through the proxy of the environment", async () => {
    const proxy = await startHttpProxy({ leadsTo: stub.port });
    stub.next(json({}));
    const url = new URL("http://receiver.example.com/push");
    const http = await client({ url }, { env: { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` } });
    expect((await http.send(request({ url }), never)).status).toBe(200);
    expect(proxy.asked).toEqual(["POST http://receiver.example.com/push"]);
    expect(stub.requests[0]?.headers.host).toEqual(["receiver.example.com"]);
    http.close();
    await proxy.close();
  });
});

describe("over TLS", () => {
  let folder: string;
  let secure: ApiStub;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "kev-http-"));
    const authority = await createCertificateAuthority();
    const { certificate, key } = await issueServerCertificate(authority, ["127.0.0.1"]);
    secure = await startApiStub({ cert: certificate, key });
    await writeFile(join(folder, "ca.pem"), authority.certificate);
  });
  afterEach(async () => {
    await secure.close();
    await rm(folder, { recursive: true });
  });

  test("trusts the authority that it is told to, by a file relative to the folder", async () => {
    secure.next(json({}));
    const url = new URL(secure.url);
    const tls = { caFile: "ca.pem", insecureSkipVerify: false };
    expect((await (await client({ url, tls }, { cwd: folder })).send(request({ url }), never)).status).toBe(200);
  });

  test("trusts nobody else, unless it is told to, and tries again: somebody may mend it", async () => {
    const url = new URL(secure.url);
    await expect((await client({ url })).send(request({ url }), never)).rejects.toMatchObject({
      message: `${secure.url}: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      hint: undefined,
      retriable: true,
    });
    secure.next(json({}));
    const tls = { insecureSkipVerify: true };
    expect((await (await client({ url, tls })).send(request({ url }), never)).status).toBe(200);
  });
});

async function listening(server: Server): Promise<{ url: string; close(): Promise<void> }> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
