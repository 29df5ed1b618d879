import { type AddressInfo, createServer, type Socket } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect } from "../../src/kube/connect.ts";
import type { ConnectOptions } from "../../src/kube/connect-options.ts";
import type { ApiRequest } from "../../src/kube/connection.ts";
import { connectionFailure } from "../../src/kube/connection-failure.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";

let authority: Certificate;
let folder: Folder;
const open: { close(): void | Promise<void> }[] = [];

beforeAll(async () => {
  authority = await createCertificateAuthority();
});
beforeEach(async () => {
  folder = await createFolder();
  await folder.write("ca.crt", authority.certificate);
});
afterEach(async () => {
  for (const { close } of open.splice(0).reverse()) await close();
  await folder.remove();
});

async function request(options: ConnectOptions, what: ApiRequest = { path: "/x" }): Promise<unknown> {
  const connection = await connect({ env: {}, homeDir: folder.path, ...options });
  open.push(connection);
  return connection.request(what);
}

async function stubFor(certificate: Certificate, options: object = {}): Promise<ApiStub> {
  const stub = await startApiStub({ cert: certificate.certificate, key: certificate.key, ...options });
  open.push(stub);
  return stub;
}

async function plainStub(): Promise<ApiStub> {
  const stub = await startApiStub();
  open.push(stub);
  return stub;
}

/** A TCP server that does `handle` with each connection; its port. */
async function tcp(handle: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    handle(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const port = await tcp(() => undefined);
  await open.pop()?.close();
  return port;
}

const to = "Unable to connect to the server:";

describe("nothing there", () => {
  test("refused", async () => {
    const port = await freePort();
    await expect(request({ server: `https://u:secret@127.0.0.1:${port}/prefix` })).rejects.toMatchObject({
      kind: "unreachable",
      reason: "refused",
      line: `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
      hint: undefined,
    });
  });

  test("refused at kubectl's last resort says that there is no kubeconfig", async () => {
    const port = await freePort();
    const env = { KUBERNETES_MASTER: `http://127.0.0.1:${port}` };
    await expect(request({ env })).rejects.toMatchObject({
      line: `The connection to the server 127.0.0.1:${port} was refused - did you specify the right host or port?`,
      hint: `there is no kubeconfig at ${folder.at(".kube/config")}; set KUBECONFIG, or pass --kubeconfig or --server`,
    });
  });

  const target = { server: new URL("https://api.example:6443"), proxy: undefined };
  const failing = (code: string, message = code) => Object.assign(new Error(message), { code });

  test.each([
    ["ENOTFOUND", "name", `${to} dial tcp: lookup api.example: no such host`],
    ["EAI_AGAIN", "refused", `${to} dial tcp: lookup api.example: Temporary failure in name resolution`],
    ["EHOSTUNREACH", "refused", `${to} dial tcp api.example:6443: connect: no route to host`],
    ["ENETUNREACH", "refused", `${to} dial tcp api.example:6443: connect: network is unreachable`],
    ["ETIMEDOUT", "timeout", `${to} dial tcp api.example:6443: i/o timeout`],
    ["EPIPE", "cut", `${to} EOF`],
    ["ECONNRESET", "cut", `${to} read: connection reset by peer`],
    ["EOTHER", "cut", `${to} EOTHER`],
  ])("%s", (code, reason, line) => {
    expect(connectionFailure(failing(code), target)).toMatchObject({ kind: "unreachable", reason, line });
  });

  test("of several addresses, the first is told", () => {
    const error = new AggregateError([failing("ECONNREFUSED"), failing("ENETUNREACH")]);
    expect(connectionFailure(error, target).line).toBe(
      "The connection to the server api.example:6443 was refused - did you specify the right host or port?",
    );
  });

  test("behind a proxy, the proxy's name is told", () => {
    const proxied = { ...target, proxy: new URL("http://u:secret@proxy:3128") };
    expect(connectionFailure(failing("ENOTFOUND"), proxied)).toMatchObject({
      line: `${to} proxyconnect tcp: dial tcp: lookup proxy: no such host`,
      hint: "the proxy proxy:3128 could not be reached",
    });
    expect(connectionFailure(failing("ECONNREFUSED"), proxied).hint).toBe("nothing listens at the proxy proxy:3128");
  });
});

describe("certificates", () => {
  const authorityHint =
    "the certificate-authority of the kubeconfig is not the one that signed the server's certificate; --certificate-authority names another file";

  test("of an unknown authority", async () => {
    const stub = await stubFor(await issueServerCertificate(await createCertificateAuthority(), ["127.0.0.1"]));
    const line = `${to} tls: failed to verify certificate: x509: certificate signed by unknown authority`;
    const expected = { kind: "unreachable", reason: "tls", line, hint: authorityHint };
    await expect(request({ server: stub.url, certificateAuthority: folder.at("ca.crt") })).rejects.toMatchObject(
      expected,
    );
    await expect(request({ server: stub.url })).rejects.toMatchObject(expected);
  });

  test.each([
    [["10.0.0.1", "10.0.0.2"], {}, "certificate is valid for 10.0.0.1, 10.0.0.2, not 127.0.0.1"],
    [["a.example"], {}, "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"],
    [
      ["a.example", "b.example", "127.0.0.1"],
      { tlsServerName: "c.example" },
      "certificate is valid for a.example, b.example, not c.example",
    ],
    [
      ["127.0.0.1"],
      { tlsServerName: "c.example" },
      "certificate is not valid for any names, but wanted to match c.example",
    ],
  ])("for %j instead of %j", async (names, options, text) => {
    const [first = "", ...others] = names;
    const stub = await stubFor(await issueServerCertificate(authority, [first, ...others]));
    await expect(
      request({ server: stub.url, certificateAuthority: folder.at("ca.crt"), ...options }),
    ).rejects.toMatchObject({
      reason: "tls",
      line: `${to} tls: failed to verify certificate: x509: ${text}`,
      hint: "--tls-server-name names the name to expect, --server another address",
    });
  });

  test("that have expired", async () => {
    const past = { notBefore: new Date("2020-01-01"), notAfter: new Date("2020-02-01") };
    const stub = await stubFor(await issueServerCertificate(authority, ["127.0.0.1"], past));
    await expect(request({ server: stub.url, certificateAuthority: folder.at("ca.crt") })).rejects.toMatchObject({
      reason: "tls",
      line: `${to} tls: failed to verify certificate: x509: certificate has expired or is not yet valid`,
      hint: "the server's certificate must be renewed, or this machine's clock is wrong",
    });
  });

  test("that the server asks for", async () => {
    const stub = await stubFor(await issueServerCertificate(authority, ["127.0.0.1"]), {
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    });
    await expect(request({ server: stub.url, certificateAuthority: folder.at("ca.crt") })).rejects.toMatchObject({
      reason: "tls",
      line: `${to} remote error: tls: certificate required`,
      hint: "the server does not accept the client certificate",
    });
  });

  test("that are broken are said before anything is sent", async () => {
    await folder.write("bad.crt", "no PEM");
    const server = "https://127.0.0.1:1";
    await expect(request({ server, certificateAuthority: folder.at("bad.crt") })).rejects.toMatchObject({
      kind: "usage",
      line: "error: unable to load root certificates: unable to parse bytes as PEM block",
    });
    const files = { clientCertificate: folder.at("bad.crt"), clientKey: folder.at("bad.crt") };
    await expect(request({ server, ...files })).rejects.toMatchObject({
      kind: "usage",
      line: "error: tls: failed to find any PEM data in certificate input",
    });
  });

  test("that do not fit their key", async () => {
    const other = await createCertificateAuthority();
    await folder.write("c.crt", authority.certificate);
    await folder.write("c.key", other.key);
    const files = { clientCertificate: folder.at("c.crt"), clientKey: folder.at("c.key") };
    await expect(request({ server: "https://127.0.0.1:1", ...files })).rejects.toMatchObject({
      kind: "usage",
      line: "error: tls: private key does not match public key",
    });
  });
});

describe("the wrong protocol", () => {
  test("https to an http server", async () => {
    const stub = await plainStub();
    await expect(request({ server: `https://127.0.0.1:${stub.port}` })).rejects.toMatchObject({
      reason: "tls",
      line: `${to} http: server gave HTTP response to HTTPS client`,
      hint: `if the server speaks plain HTTP, its address is http://127.0.0.1:${stub.port}`,
    });
  });

  test("http to an https server, as Go's answer it", async () => {
    const stub = await plainStub();
    stub.next((response) => response.writeHead(400).end("Client sent an HTTP request to an HTTPS server.\n"));
    await expect(request({ server: stub.url })).rejects.toMatchObject({
      reason: "tls",
      line: `${to} Client sent an HTTP request to an HTTPS server`,
      hint: `the server's address is https://127.0.0.1:${stub.port}`,
    });
  });

  test("something that is no HTTP", async () => {
    const port = await tcp((socket) => socket.end("SSH-2.0-x\r\n"));
    await expect(request({ server: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      reason: "tls",
      line: `${to} malformed HTTP response`,
      hint: `if the server speaks TLS, its address is https://127.0.0.1:${port}`,
    });
  });
});

describe("--request-timeout", () => {
  test("while the answer does not begin", async () => {
    const stub = await plainStub();
    stub.next(() => undefined);
    await expect(request({ server: stub.url, requestTimeout: "50ms" })).rejects.toMatchObject({
      kind: "unreachable",
      reason: "timeout",
      line: `${to} context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    });
  });

  test("while the answer does not end", async () => {
    const stub = await plainStub();
    stub.next((response) => response.writeHead(200).write("{"));
    await expect(request({ server: stub.url, requestTimeout: "50ms" })).rejects.toMatchObject({
      reason: "timeout",
      line: `${to} context deadline exceeded (Client.Timeout or context cancellation while reading body)`,
    });
  });

  test("while TLS does not begin", async () => {
    const port = await tcp(() => undefined);
    await expect(request({ server: `https://127.0.0.1:${port}`, requestTimeout: "50ms" })).rejects.toMatchObject({
      reason: "timeout",
      line: `${to} net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)`,
    });
  });
});

describe("a connection that breaks", () => {
  test("before the answer", async () => {
    const port = await tcp((socket) => socket.once("data", () => socket.end()));
    await expect(request({ server: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      kind: "unreachable",
      reason: "cut",
      line: `${to} EOF`,
    });
  });

  test("by a reset", async () => {
    const port = await tcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
    await expect(request({ server: `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      reason: "cut",
      line: `${to} read: connection reset by peer`,
    });
  });

  test("within the answer", async () => {
    const stub = await plainStub();
    stub.next((response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{", () => response.destroy());
    });
    await expect(request({ server: stub.url })).rejects.toMatchObject({
      reason: "cut",
      line: `${to} unexpected EOF`,
    });
  });

  test("while it was kept is replaced for a GET; for a POST the caller decides", async () => {
    const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}";
    let count = 0;
    // The first connection answers once and breaks on its second request; later ones answer.
    const port = await tcp((socket) => {
      count++;
      const first = count % 2 === 1;
      let requests = 0;
      socket.on("data", () => {
        requests++;
        if (first && requests === 2) socket.resetAndDestroy();
        else socket.write(answer);
      });
    });
    const connection = await connect({ server: `http://127.0.0.1:${port}`, env: {}, homeDir: folder.path });
    open.push(connection);
    expect(await connection.request({ path: "/1" })).toEqual({});
    expect(await connection.request({ path: "/2" })).toEqual({});
    expect(count).toBe(2);
    connection.close();
    expect(await connection.request({ path: "/3" })).toEqual({});
    await expect(connection.request({ method: "POST", path: "/4", body: {} })).rejects.toMatchObject({ reason: "cut" });
    expect(count).toBe(3);
  });
});

describe("an abort", () => {
  test.each(["request", "connection"])("by the signal of the %s", async (whose) => {
    const stub = await plainStub();
    const controller = new AbortController();
    const reason = new Error("enough");
    stub.next(() => controller.abort(reason));
    const { signal } = controller;
    const [options, what] = whose === "request" ? [{}, { path: "/x", signal }] : [{ signal }, { path: "/x" }];
    await expect(request({ server: stub.url, ...options }, what)).rejects.toBe(reason);
    await expect(request({ server: stub.url, ...options }, what)).rejects.toBe(reason);
    expect(stub.requests).toHaveLength(1);
  });

  test("while the answer comes in", async () => {
    const stub = await plainStub();
    const controller = new AbortController();
    stub.next((response) => {
      response.writeHead(200).write("{");
      setTimeout(() => controller.abort("enough"), 20);
    });
    await expect(request({ server: stub.url }, { path: "/x", signal: controller.signal })).rejects.toBe("enough");
  });
});

describe("an answer that is no", () => {
  test("a Status", async () => {
    const stub = await plainStub();
    const status = {
      kind: "Status",
      reason: "NotFound",
      message: 'deployments.apps "x" not found',
      details: { retryAfterSeconds: 3 },
    };
    stub.next(json(status, 404));
    await expect(request({ server: stub.url }, { path: "/a", query: { b: "c" } })).rejects.toMatchObject({
      kind: "not-found",
      line: 'Error from server (NotFound): deployments.apps "x" not found',
      httpStatus: 404,
      request: "GET /a",
      retryAfter: 3,
    });
  });

  test.each([
    ["7", 7],
    [new Date(Date.now() - 5_000).toUTCString(), 0],
    ["soon", undefined],
  ])("Retry-After %s", async (header, retryAfter) => {
    const stub = await plainStub();
    stub.next((response) => response.writeHead(429, { "retry-after": header }).end("slow down"));
    await expect(request({ server: stub.url })).rejects.toMatchObject({
      kind: "failed",
      line: "Error from server: GET /x answered HTTP 429: slow down",
      retryAfter,
    });
  });

  test("a page instead of JSON", async () => {
    const stub = await plainStub();
    stub.next((response) => response.writeHead(200).end("<html>Log in</html>\n"));
    await expect(request({ server: stub.url })).rejects.toMatchObject({
      kind: "failed",
      line: "Error from server: GET /x answered HTTP 200 without JSON: <html>Log in</html>",
      hint: "the address may be that of a proxy or a login page instead of a Kubernetes API server",
    });
  });
});
