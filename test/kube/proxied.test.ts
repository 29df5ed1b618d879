import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect as connectSocket, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect } from "../../src/kube/connect.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";

let authority: Certificate;
let certificate: Certificate;
let folder: Folder;
let stub: ApiStub;
let proxy: { server: Server; port: number; seen: string[]; sockets: Set<Socket> } | undefined;

beforeAll(async () => {
  authority = await createCertificateAuthority();
  certificate = await issueServerCertificate(authority, ["api.example"]);
});
beforeEach(async () => {
  folder = await createFolder();
  stub = await startApiStub({ cert: certificate.certificate, key: certificate.key });
});
afterEach(async () => {
  for (const socket of proxy?.sockets ?? []) socket.destroy();
  proxy?.server.close();
  proxy = undefined;
  await stub.close();
  await folder.remove();
});

async function listen(server: Server): Promise<NonNullable<typeof proxy>> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy = { server, port: (server.address() as AddressInfo).port, seen: [], sockets };
  return proxy;
}

/** Joins a socket of the proxy with a new one to the stub, which ends with the test. */
function tunnel(socket: Socket): void {
  const onward = connectSocket(stub.port, "127.0.0.1").on("error", () => undefined);
  proxy?.sockets.add(onward);
  socket.pipe(onward).pipe(socket);
}

/** A proxy that leads every CONNECT to the stub, or refuses with `status`. */
async function httpProxy(status = 200) {
  const server = createHttpServer();
  const started = await listen(server);
  server.on("connect", (request: IncomingMessage, socket: Socket) => {
    started.seen.push(`${request.url} ${request.headers["proxy-authorization"] ?? "-"}`);
    socket.write(`HTTP/1.1 ${status} x\r\n\r\n`);
    if (status === 200) tunnel(socket);
    else socket.end();
  });
  return started;
}

/** A SOCKS 5 proxy without authentication that leads to the stub (RFC 1928). */
async function socksProxy() {
  const server = createServer();
  const started = await listen(server);
  server.on("connection", (socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", (request: Buffer) => {
        const isName = request[3] === 3;
        const length = request[4] ?? 0;
        started.seen.push(isName ? `name ${request.subarray(5, 5 + length)}` : "address");
        socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
        tunnel(socket);
      });
    });
  });
  return started;
}

async function request(cluster: object, env: Record<string, string> = {}): Promise<unknown> {
  const ca = { "certificate-authority-data": Buffer.from(authority.certificate).toString("base64") };
  // The name resolves nowhere: only the proxy can lead there.
  const file = await folder.write("config", kubeconfig({ server: "https://api.example:6443", ...ca, ...cluster }));
  const connection = await connect({ kubeconfig: file, env, homeDir: folder.path });
  stub.next(json({ ok: true }));
  try {
    return await connection.request({ path: "/x" });
  } finally {
    connection.close();
  }
}

describe("through an HTTP proxy", () => {
  test("of the kubeconfig, with its name and password", async () => {
    const { port, seen } = await httpProxy();
    expect(await request({ "proxy-url": `http://u:p%40@127.0.0.1:${port}` })).toEqual({ ok: true });
    expect(seen).toEqual([`api.example:6443 Basic ${Buffer.from("u:p@").toString("base64")}`]);
  });

  test("of the environment", async () => {
    const { port, seen } = await httpProxy();
    expect(await request({}, { HTTPS_PROXY: `127.0.0.1:${port}`, NO_PROXY: "other.example" })).toEqual({ ok: true });
    expect(seen).toEqual(["api.example:6443 -"]);
  });

  test("that refuses", async () => {
    const { port } = await httpProxy(407);
    await expect(request({ "proxy-url": `http://u:s3cret@127.0.0.1:${port}` })).rejects.toMatchObject({
      kind: "unreachable",
      reason: "refused",
      line: "Unable to connect to the server: Proxy Authentication Required",
      hint: `the proxy 127.0.0.1:${port} answered HTTP 407`,
    });
  });

  test("that is not there", async () => {
    const { port, server } = await httpProxy();
    await new Promise((resolve) => server.close(resolve));
    await expect(request({ "proxy-url": `http://127.0.0.1:${port}` })).rejects.toMatchObject({
      reason: "refused",
      line: "The connection to the server api.example:6443 was refused - did you specify the right host or port?",
      hint: `nothing listens at the proxy 127.0.0.1:${port}`,
    });
  });

  test("the server's certificate is still checked", async () => {
    const { port } = await httpProxy();
    const proxyUrl = { "proxy-url": `http://127.0.0.1:${port}` };
    await expect(request({ ...proxyUrl, server: "https://other.example:6443" })).rejects.toMatchObject({
      reason: "tls",
      line: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for api.example, not other.example",
    });
  });
});

describe("through a SOCKS proxy", () => {
  test("which looks the name up", async () => {
    const { port, seen } = await socksProxy();
    expect(await request({ "proxy-url": `socks5://127.0.0.1:${port}` })).toEqual({ ok: true });
    expect(seen).toEqual(["name api.example"]);
  });

  test("the server's certificate is still checked", async () => {
    const { port } = await socksProxy();
    const cluster = { "proxy-url": `socks5://127.0.0.1:${port}`, "tls-server-name": "other.example" };
    await expect(request(cluster)).rejects.toMatchObject({
      reason: "tls",
      line: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for api.example, not other.example",
    });
  });
});
