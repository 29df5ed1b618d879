import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { createHttpProxyAgent } from "../../src/kube/proxy-agent.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";
import { type ProxyOptions, type RunningProxy, startHttpProxy, startSocksProxy } from "../support/proxies.ts";
import { until } from "../support/until.ts";

let authority: Certificate;
let certificate: Certificate;
let proxyCertificate: Certificate;
let folder: Folder;
let stub: ApiStub;
let proxy: RunningProxy | undefined;

beforeAll(async () => {
  authority = await createCertificateAuthority();
  certificate = await issueServerCertificate(authority, ["api.example", "fd00::1"]);
  proxyCertificate = await issueServerCertificate(authority, ["127.0.0.1"]);
});
beforeEach(async () => {
  folder = await createFolder();
  stub = await startApiStub({ cert: certificate.certificate, key: certificate.key });
});
afterEach(async () => {
  await proxy?.close();
  proxy = undefined;
  await stub.close();
  await folder.remove();
});

// Whatever they are asked for, they lead to the stub: its name resolves nowhere else.
async function httpProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  proxy = await startHttpProxy({ leadsTo: stub.port, ...options });
  return proxy;
}
async function socksProxy(options: ProxyOptions = {}): Promise<RunningProxy> {
  proxy = await startSocksProxy({ leadsTo: stub.port, ...options });
  return proxy;
}
const proxyTls = () => ({ tls: { cert: proxyCertificate.certificate, key: proxyCertificate.key } });

async function request(cluster: object, env: Record<string, string> = {}): Promise<unknown> {
  const ca = { "certificate-authority-data": Buffer.from(authority.certificate).toString("base64") };
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
    const { port, asked, logins } = await httpProxy({ login: "u:p@" });
    expect(await request({ "proxy-url": `http://u:p%40@127.0.0.1:${port}` })).toEqual({ ok: true });
    expect([asked, logins]).toEqual([["api.example:6443"], ["u:p@"]]);
  });

  test("of the environment", async () => {
    const { port, asked, logins } = await httpProxy();
    expect(await request({}, { HTTPS_PROXY: `127.0.0.1:${port}`, NO_PROXY: "other.example" })).toEqual({ ok: true });
    expect([asked, logins]).toEqual([["api.example:6443"], ["-"]]);
  });

  test("to an IPv6 address", async () => {
    const { port, asked } = await httpProxy();
    const cluster = { server: "https://[fd00::1]:6443", "proxy-url": `http://127.0.0.1:${port}` };
    expect(await request(cluster)).toEqual({ ok: true });
    expect(asked).toEqual(["[fd00::1]:6443"]);
  });

  test("that refuses", async () => {
    const { port } = await httpProxy({ login: "other" });
    await expect(request({ "proxy-url": `http://u:s3cret@127.0.0.1:${port}` })).rejects.toMatchObject({
      kind: "unreachable",
      reason: "refused",
      line: "Unable to connect to the server: Proxy Authentication Required",
      hint: `the proxy 127.0.0.1:${port} answered HTTP 407`,
    });
    expect(stub.requests).toEqual([]);
  });

  test("that is not there", async () => {
    const { port, close } = await httpProxy();
    await close();
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

  test.each([
    ["HTTP", httpProxy, "http"],
    ["SOCKS", socksProxy, "socks5"],
  ])("the certificate of an address is checked for that address: %s", async (_, start, scheme) => {
    // Of the server's names none is what Node would look for.
    const local = await issueServerCertificate(authority, ["localhost"]);
    const other = await startApiStub({ cert: local.certificate, key: local.key });
    const { port } = await start({ leadsTo: other.port });
    const cluster = { server: "https://10.0.0.1:6443", "proxy-url": `${scheme}://127.0.0.1:${port}` };
    await expect(request(cluster)).rejects.toMatchObject({
      reason: "tls",
      line: "Unable to connect to the server: tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs",
    });
    await other.close();
  });

  test("to a plain server, which it asks itself", async () => {
    const plain = await startApiStub();
    const { port, asked, logins } = await httpProxy({ login: "u:p", leadsTo: plain.port });
    const file = await folder.write("config", kubeconfig({ server: "http://api.example:8080/prefix" }));
    const env = { HTTP_PROXY: `http://u:p@127.0.0.1:${port}` };
    const connection = await connect({ kubeconfig: file, env, homeDir: folder.path });
    plain.next(json({ plain: true }));
    try {
      expect(await connection.request({ path: "/x", query: { limit: "1" } })).toEqual({ plain: true });
    } finally {
      connection.close();
      await plain.close();
    }
    expect([asked, logins]).toEqual([["GET http://api.example:8080/prefix/x?limit=1"], ["u:p"]]);
    expect(plain.requests[0]?.headers.host).toEqual(["api.example:8080"]);
  });
});

describe("through an HTTP proxy over TLS", () => {
  test("of the cluster's authority", async () => {
    const { port, asked, logins } = await httpProxy({ ...proxyTls(), login: "u:p" });
    expect(await request({ "proxy-url": `https://u:p@127.0.0.1:${port}` })).toEqual({ ok: true });
    expect([asked, logins]).toEqual([["api.example:6443"], ["u:p"]]);
  });

  test("whose certificate is checked", async () => {
    const other = await issueServerCertificate(await createCertificateAuthority("other"), ["127.0.0.1"]);
    const { port } = await httpProxy({ tls: { cert: other.certificate, key: other.key } });
    await expect(request({ "proxy-url": `https://127.0.0.1:${port}` })).rejects.toMatchObject({
      reason: "tls",
      line: "Unable to connect to the server: proxyconnect tcp: tls: failed to verify certificate: x509: certificate signed by unknown authority",
      hint: `it is the certificate of the proxy 127.0.0.1:${port}`,
    });
  });

  test("the server's is checked too", async () => {
    const { port } = await httpProxy(proxyTls());
    const cluster = { "proxy-url": `https://127.0.0.1:${port}`, server: "https://other.example:6443" };
    await expect(request(cluster)).rejects.toMatchObject({
      reason: "tls",
      line: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for api.example, not other.example",
    });
  });
});

test.each([true, false])(
  "no package is given a proxy's password in its URL, which it would show for DEBUG=*: TLS %s",
  async (secure) => {
    const proxyUrl = new URL("http://u:s3cret@127.0.0.1:3128");
    const agent = await createHttpProxyAgent(secure, proxyUrl, { ofProxy: {}, ofServer: {} });
    expect(String((agent as unknown as { proxy: URL }).proxy)).toBe("http://127.0.0.1:3128/");
  },
);

describe("through an HTTP proxy that never answers", () => {
  async function open() {
    const { port } = await httpProxy({ isSilent: true });
    const ca = { "certificate-authority-data": Buffer.from(authority.certificate).toString("base64") };
    const server = { server: "https://api.example:6443", "proxy-url": `http://127.0.0.1:${port}` };
    const file = await folder.write("config", kubeconfig({ ...server, ...ca }));
    return await connect({ kubeconfig: file, env: {}, homeDir: folder.path, requestTimeout: "200ms" });
  }

  test.each<[what: string, send: (connection: StreamingConnection) => Promise<unknown>, problem: string]>([
    [
      "the time-out ends the request",
      (connection) => connection.request({ path: "/x" }),
      "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
    ],
    [
      "its signal ends the request",
      (connection) => connection.request({ path: "/x", signal: AbortSignal.timeout(20) }),
      "The operation was aborted due to timeout",
    ],
  ])("%s, and the connection to the proxy", async (_, send, problem) => {
    const connection = await open();
    await expect(send(connection)).rejects.toThrow(problem);
    await until(() => proxy?.open === 0, 5_000);
    connection.close();
  });

  test("closing ends the request, and the connection to the proxy", async () => {
    const connection = await open();
    const sending = connection.request({ path: "/x" });
    sending.catch(() => undefined);
    await until(() => proxy?.asked.length, 5_000);
    connection.close();
    await expect(sending).rejects.toMatchObject({ kind: "unreachable" });
    await until(() => proxy?.open === 0, 5_000);
  });
});

describe("through a SOCKS proxy", () => {
  test.each(["socks5", "socks5h"])("of the environment, %s, which looks the name up", async (scheme) => {
    const { port, asked } = await socksProxy();
    expect(await request({}, { https_proxy: `${scheme}://127.0.0.1:${port}` })).toEqual({ ok: true });
    expect(asked).toEqual(["api.example:6443"]);
  });

  test("of the kubeconfig, with its name and password", async () => {
    const { port, asked, logins } = await socksProxy({ login: "u:p@" });
    expect(await request({ "proxy-url": `socks5://u:p%40@127.0.0.1:${port}` })).toEqual({ ok: true });
    expect([asked, logins]).toEqual([["api.example:6443"], ["u:p@"]]);
  });

  test.each<[string, ProxyOptions, string]>([
    ["the password", { login: "u:other" }, "username/password authentication failed"],
    ["the way", { login: "u:p", refusal: 4 }, "unknown error host unreachable"],
  ])("that refuses %s", async (_, options, why) => {
    const { port } = await socksProxy(options);
    await expect(request({ "proxy-url": `socks5://u:p@127.0.0.1:${port}` })).rejects.toMatchObject({
      kind: "unreachable",
      line: `Unable to connect to the server: socks connect tcp 127.0.0.1:${port}->api.example:6443: ${why}`,
      hint: `the proxy 127.0.0.1:${port} does not lead to the server`,
    });
  });

  test.each<[string, ProxyOptions | undefined]>([
    ["that is not there", undefined],
    ["that finds nothing there", { refusal: 5 }],
  ])("%s", async (_, options) => {
    const { port, close } = await socksProxy(options);
    if (options === undefined) await close();
    await expect(request({ "proxy-url": `socks5://127.0.0.1:${port}` })).rejects.toMatchObject({
      reason: "refused",
      line: "The connection to the server api.example:6443 was refused - did you specify the right host or port?",
    });
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
