import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer, type ServerOptions } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createCheck } from "../../../src/probe/check/check-target.ts";
import { createSiteAgents } from "../../../src/probe/check/site-agents.ts";
import { defaultSettings } from "../../../src/probe/config/check-settings.ts";
import { targetUrl } from "../../../src/probe/config/parse-target-url.ts";
import type { CheckResult, CheckSettings } from "../../../src/probe/target.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { compileRegex } from "../../../src/util/compile-regex.ts";
import {
  type Certificate,
  createCertificateAuthority,
  createSelfSignedCertificate,
  issueClientCertificate,
  issueServerCertificate,
} from "../../support/certificates.ts";
import { manualClock } from "../../support/manual-clock.ts";

const ends: (() => unknown)[] = [];
const seenHeaders: Record<string, string | string[] | undefined>[] = [];
/** Ports of clients, in the order of the requests. */
const clients: (number | undefined)[] = [];
let folder: string;
let site: string;
let other: string;
let authority: Certificate;
const files: Record<string, string> = {};

const pages: RequestListener = (request, response) => {
  seenHeaders.push(request.headers);
  clients.push(request.socket.remotePort);
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://site");
  const status = Number(/^\/status\/(\d+)$/.exec(pathname)?.[1] ?? 200);
  if (pathname === "/upgrade")
    return void request.socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
  if (pathname === "/to") response.writeHead(302, { location: searchParams.get("url") ?? "" }).end();
  else if (pathname === "/loop") response.writeHead(307, { location: "/loop" }).end();
  else if (pathname === "/hang") return;
  else if (pathname === "/cut")
    response.writeHead(200, { "content-length": "10" }).write("half", () => response.destroy());
  else if (pathname === "/close") request.socket.destroy();
  else if (pathname === "/slow-body") response.writeHead(200, { "content-length": "10" }).write("half");
  else if (pathname === "/endless") endless(response);
  else if (pathname === "/method") response.end(request.method);
  else response.writeHead(status).end('{"status":"ok"}');
};

function endless(response: Parameters<RequestListener>[1]): void {
  const more = (): void => {
    while (!response.destroyed && response.write("x".repeat(65_536)));
    if (!response.destroyed) response.once("drain", more);
  };
  more();
}

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  ends.push(() => {
    server.close();
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function httpsSite(options: ServerOptions): Promise<string> {
  return `https://localhost:${await listen(createHttpsServer(options, pages))}`;
}

async function save(name: string, text: string): Promise<void> {
  files[name] = join(folder, name);
  await writeFile(files[name] ?? "", text);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "kev-probe-"));
  ends.push(() => rm(folder, { recursive: true, force: true }));
  site = `http://127.0.0.1:${await listen(createServer(pages))}`;
  other = `http://127.0.0.1:${await listen(createServer(pages))}`;
  authority = await createCertificateAuthority();
  await save("ca.crt", authority.certificate);
});
afterAll(async () => {
  for (const end of ends.toReversed()) await end();
});

type Settings = Partial<Omit<CheckSettings, "tls">> & { tls?: Partial<CheckSettings["tls"]> };

async function check(text: string, settings: Settings = {}, env: Record<string, string> = {}): Promise<CheckResult> {
  const url = targetUrl(text);
  const tls = { ...defaultSettings.tls, caFile: files["ca.crt"], ...settings.tls };
  const target = { name: url.shown, url, settings: { ...defaultSettings, ...settings, tls } };
  const agents = createSiteAgents({ env, clock: systemClock });
  return await createCheck(target, { agents, clock: systemClock })(new AbortController().signal);
}

/** What was seen, without the time it took. */
async function seen(text: string, settings: Settings = {}, env: Record<string, string> = {}): Promise<string> {
  const { outcome, seen: what, wanted } = await check(text, settings, env);
  return `${outcome}: ${what}${wanted === undefined ? "" : `, expected ${wanted}`}`;
}

const matcher = (source: string) => {
  const compiled = compileRegex(source);
  if ("problem" in compiled) throw new Error(compiled.problem);
  return { source, matches: (text: string) => compiled.regex.test(text) };
};
const codes = (from: number, to = from) => [{ from, to }];

describe("http", () => {
  test("statuses", async () => {
    expect(await seen(`${site}/`)).toBe("ok: 200 OK");
    expect(await seen(`${site}/status/404`)).toBe("status: 404 Not Found, expected 200-399");
    expect(await seen(`${site}/status/404`, { expectStatus: codes(404) })).toBe("ok: 404 Not Found");
    expect(await seen(`${site}/`, { expectStatus: [...codes(204), ...codes(300, 399)] })).toBe(
      "status: 200 OK, expected 204,300-399",
    );
  });

  test("bodies, read up to a limit", async () => {
    expect(await seen(`${site}/`, { expectBody: matcher('"status": ?"ok"') })).toBe("ok: 200 OK");
    expect(await seen(`${site}/`, { expectBody: matcher("^ok$") })).toBe(
      "body: 200 OK with another body, expected /^ok$/",
    );
    expect(await seen(`${site}/endless`, { bodyLimit: 100_000 })).toBe("ok: 200 OK");
    expect(await seen(`${site}/endless`, { bodyLimit: 100_000, expectBody: matcher("y") })).toBe(
      "body: 200 OK with another body, expected /y/ in its first 100000 bytes",
    );
  });

  test("redirects, by the policy", async () => {
    const there = `${site}/to?url=${encodeURIComponent(`${other}/status/404`)}`;
    const here = `${site}/to?url=/status/503`;
    expect(await seen(there)).toBe("status: 404 Not Found, expected 200-399");
    expect(await seen(there, { redirects: "same-host" })).toBe("ok: 302 Found");
    expect(await seen(here, { redirects: "same-host" })).toBe("status: 503 Service Unavailable, expected 200-399");
    expect(await seen(here, { redirects: "none" })).toBe("ok: 302 Found");
    expect(await seen(`${site}/loop`)).toBe("redirect: redirected more than 10 times");
    expect(await seen(`${site}/to?url=ftp://x/`)).toBe("redirect: redirected to ftp://, which is no site");
  });

  test("headers and credentials go to the target's own origin only", async () => {
    seenHeaders.length = 0;
    const url = `${site.replace("//", "//user:pass@")}/to?url=${encodeURIComponent(`${other}/`)}`;
    expect(await seen(url, { headers: { "X-Token": "secret", "user-agent": "me" } })).toBe("ok: 200 OK");
    const [own, foreign] = seenHeaders.map(({ host: _host, ...headers }) => headers);
    expect(own).toEqual({
      ...{ authorization: "Basic dXNlcjpwYXNz", "x-token": "secret", "user-agent": "me" },
      ...{ accept: "*/*", "accept-encoding": "identity", connection: "close" },
    });
    expect(foreign).toEqual({
      ...{ "user-agent": expect.stringMatching(/^kev\//), accept: "*/*" },
      ...{ "accept-encoding": "identity", connection: "close" },
    });
  });

  test("each check and each redirect has a connection of its own", async () => {
    clients.length = 0;
    await check(`${site}/to?url=/`);
    await check(`${site}/`);
    expect(new Set(clients).size).toBe(3);
  });

  test("a method, and where to connect to", async () => {
    const { port } = new URL(site);
    const connectTo = { host: "127.0.0.1", port: Number(port) };
    seenHeaders.length = 0;
    expect(await seen("http://ui.example.com/method", { connectTo, expectBody: matcher("^GET$") })).toBe("ok: 200 OK");
    expect(seenHeaders).toMatchObject([{ host: "ui.example.com" }]);
    expect(await seen(`${site}/`, { method: "HEAD", expectBody: matcher("ok") })).toBe(
      "body: 200 OK with another body, expected /ok/",
    );
  });

  test("a name whose address does not come in time, over http and over tcp", async () => {
    const agents = createSiteAgents({ env: {}, clock: systemClock, lookup: () => undefined });
    const told = ["http://ui.example.com/", "https://ui.example.com/", "tcp://ui.example.com:80"].map(async (text) => {
      const url = targetUrl(text);
      const target = { name: url.shown, url, settings: { ...defaultSettings, timeout: 100 } };
      return (await createCheck(target, { agents, clock: systemClock })(new AbortController().signal)).seen;
    });
    expect(await Promise.all(told)).toEqual(Array(3).fill("waited 100ms for the address of ui.example.com"));
  });

  test("what does not come in time, whatever it is that does not", async () => {
    const timeout = 300;
    const silent = await listen(createTcpServer(() => undefined));
    expect(await seen(`${site}/hang`, { timeout })).toBe("timeout: waited 300ms for an answer");
    expect(await seen(`${site}/slow-body`, { timeout })).toBe("timeout: waited 300ms for the end of the answer");
    expect(await seen(`https://127.0.0.1:${silent}/`, { timeout })).toBe("timeout: waited 300ms for the TLS handshake");
  });

  test("connections that fail", async () => {
    const nobody = await listen(createTcpServer());
    await ends.pop()?.();
    const garbage = await listen(createTcpServer((socket) => socket.end("garbage\r\n\r\n")));
    expect(await seen(`${site}/close`)).toBe("cut: the connection was cut before there was an answer");
    expect(await seen(`${site}/upgrade`)).toBe("cut: the connection was cut before there was an answer");
    expect(await seen(`${site}/cut`)).toBe("cut: the connection was cut in the middle of the answer");
    expect(await seen(`http://127.0.0.1:${nobody}/`)).toBe(`connect: connection refused by 127.0.0.1:${nobody}`);
    expect(await seen("http://nowhere.invalid/")).toMatch(
      /^dns: (no such host|the resolver does not answer for) nowhere\.invalid$/,
    );
    expect(await seen(`http://127.0.0.1:${garbage}/`)).toBe("protocol: the answer is no HTTP");
  });

  test("goes through the proxy of its settings, else of the environment, and never past loopback by the latter", async () => {
    const asked: string[] = [];
    const proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
      response.end("from the proxy");
    });
    const address = `127.0.0.1:${await listen(proxy)}`;
    const expectBody = matcher("from the proxy");
    expect(await seen("http://ui.invalid/a?b", { proxy: `http://u:p@${address}`, expectBody })).toBe("ok: 200 OK");
    expect(await seen("http://ui.invalid/", { expectBody }, { all_proxy: address })).toBe("ok: 200 OK");
    expect(await seen(`${site}/`, { expectBody }, { HTTP_PROXY: address })).toMatch(/^body: /);
    expect(asked).toEqual(["GET http://ui.invalid:80/a?b Basic dTpw", "GET http://ui.invalid:80/ "]);
    const [host, port] = ["127.0.0.1", new URL(other).port];
    // One that takes no CONNECT.
    expect(await seen("https://ui.invalid/", { proxy: `http://${host}:${port}` })).toBe(
      "cut: the connection was cut before there was an answer",
    );
    const refusing = createServer().on("connect", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    const refused = { proxy: `http://127.0.0.1:${await listen(refusing)}`, expectStatus: codes(403) };
    expect(await seen("https://ui.invalid/", refused)).toBe("connect: the proxy answered 403");
  });
});

describe("https", () => {
  const day = 24 * 3_600_000;

  test("a certificate that is good, its end, and a name to ask for", async () => {
    const notAfter = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 3 * day);
    const own = await issueServerCertificate(authority, ["localhost"], { notAfter });
    const special = await issueServerCertificate(authority, ["ui.example.com"]);
    const asked: string[] = [];
    const url = await httpsSite({
      ...{ cert: own.certificate, key: own.key },
      SNICallback: (name, give) => {
        asked.push(name);
        import("node:tls").then(({ createSecureContext }) =>
          give(
            null,
            name === "ui.example.com"
              ? createSecureContext({ cert: special.certificate, key: special.key })
              : undefined,
          ),
        );
      },
    });
    const { outcome, certificate } = await check(`${url}/`);
    expect({ outcome, expiresAt: certificate?.expiresAt }).toEqual({ outcome: "ok", expiresAt: notAfter });
    // No session is gone on with: it would show no certificate.
    expect((await check(`${url}/`)).certificate).toEqual(certificate);
    expect(await seen(`${url}/`, { tls: { serverName: "ui.example.com" } })).toBe("ok: 200 OK");
    const connectTo = { host: "127.0.0.1", port: Number(new URL(url).port) };
    expect(await seen("https://ui.example.com/", { connectTo })).toBe("ok: 200 OK");
    expect(asked).toEqual(["localhost", "localhost", "ui.example.com", "ui.example.com"]);
  });

  test("certificates that are not", async () => {
    const expired = await issueServerCertificate(authority, ["localhost"], {
      notBefore: new Date(Date.now() - 2 * day),
      notAfter: new Date(Date.now() - day),
    });
    const early = await issueServerCertificate(authority, ["localhost"], { notBefore: new Date(Date.now() + day) });
    const wrong = await issueServerCertificate(authority, ["a.example.com", "b.example.com"]);
    const stranger = await issueServerCertificate(await createCertificateAuthority("another"), ["localhost"]);
    const itself = await createSelfSignedCertificate("localhost");
    const of = ({ certificate, key }: Certificate) => httpsSite({ cert: certificate, key });
    expect(await seen(await of(expired))).toBe("tls: the certificate has expired");
    expect(await seen(await of(early))).toBe("tls: the certificate is not valid yet");
    expect(await seen(await of(wrong))).toBe(
      "tls: the certificate is for a.example.com, b.example.com, not for localhost",
    );
    expect(await seen(await of(stranger))).toBe("tls: the certificate is signed by an authority that is not trusted");
    expect(await seen(await of(itself))).toBe("tls: the certificate is self-signed");
    expect(await seen(await of(expired), { tls: { insecureSkipVerify: true } })).toBe("ok: 200 OK");
    expect(await seen(site.replace("http:", "https:"))).toBe(`tls: ${new URL(site).host} does not speak TLS`);
  });

  test("a client certificate, which no other origin sees", async () => {
    const { certificate, key } = await issueServerCertificate(authority, ["localhost"]);
    const strict = { cert: certificate, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
    const url = await httpsSite(strict);
    const second = await httpsSite(strict);
    const client = await issueClientCertificate(authority, { user: "probe" });
    await save("client.crt", client.certificate);
    await save("client.key", client.key);
    const tls = { certFile: files["client.crt"], keyFile: files["client.key"] };
    expect(await seen(url, { tls })).toBe("ok: 200 OK");
    expect(await seen(url)).toBe("tls: the server wants a client certificate");
    expect(await seen(`${url}/to?url=${encodeURIComponent(second)}`, { tls })).toBe(
      "tls: the server wants a client certificate",
    );
    await save("other.key", (await issueClientCertificate(authority, { user: "other" })).key);
    await expect(seen(url, { tls: { ...tls, keyFile: files["other.key"] } })).rejects.toMatchObject({
      ...{ kind: "usage", message: "tls: private key does not match public key" },
    });
  });

  test("files are read again, and one that cannot be used keeps the one before it", async () => {
    const clock = manualClock("2026-11-28T10:00:00Z");
    const agents = createSiteAgents({ env: {}, clock });
    const [old, renewed] = await Promise.all(["a", "b"].map((user) => issueClientCertificate(authority, { user })));
    await save("own.crt", old?.certificate ?? "");
    await save("own.key", old?.key ?? "");
    const tls = { ...defaultSettings.tls, certFile: files["own.crt"], keyFile: files["own.key"] };
    const first = await agents.material(tls);
    await save("own.crt", renewed?.certificate ?? "");
    await clock.advance(60_000);
    expect(await agents.material(tls)).toBe(first);
    await save("own.key", renewed?.key ?? "");
    await clock.advance(60_000);
    expect((await agents.material(tls)).key).toBe(renewed?.key);
  });

  test("tls: shakes hands and looks at the certificate", async () => {
    const { certificate, key } = await issueServerCertificate(authority, ["localhost"]);
    const { port } = new URL(await httpsSite({ cert: certificate, key }));
    const result = await check(`tls://localhost:${port}`);
    expect(result).toMatchObject({
      outcome: "ok",
      seen: "TLS handshake done",
      certificate: { expiresAt: expect.any(Date) },
    });
    expect(await seen(`tls://127.0.0.1:${port}`)).toBe("tls: the certificate is for no such name, not for 127.0.0.1");
  });
});

describe("tcp", () => {
  test("connects, and hangs up", async () => {
    const { port } = new URL(site);
    expect(await seen(`tcp://127.0.0.1:${port}`)).toBe("ok: connected");
    expect(await seen("tcp://127.0.0.1:1")).toBe("connect: connection refused by 127.0.0.1:1");
  });
});

describe("dns", () => {
  let server: UdpSocket;
  let host: string;

  beforeAll(async () => {
    server = createSocket("udp4");
    server.on("message", (message, { port, address }) => {
      if (message.includes("slow")) return;
      server.send(message.includes("gone") ? noSuchName(message) : addressOf(message), port, address);
    });
    await new Promise<void>((resolve) => server.bind(0, "127.0.0.1", () => resolve()));
    ends.push(() => server.close());
    host = `127.0.0.1:${server.address().port}`;
  });

  test("records, and what they must be", async () => {
    expect(await seen(`dns://${host}/ui.example.com`)).toBe("ok: 1 record");
    expect(await seen(`dns://${host}/ui.example.com`, { expectBody: matcher("^192\\.0\\.2\\.7$") })).toBe(
      "ok: 1 record",
    );
    expect(await seen(`dns://${host}/ui.example.com`, { expectBody: matcher("^10\\.") })).toBe(
      "body: 1 record with other values, expected /^10\\./",
    );
  });

  test("names that are not there, and servers that do not answer", async () => {
    expect(await seen(`dns://${host}/gone.example.com`)).toBe("dns: no such name");
    expect(await seen(`dns://${host}/slow.example.com`, { timeout: 300 })).toBe("timeout: waited 300ms for an answer");
  });
});

/** The question's head with other flags, the question, and for an address one record that points back at its name: RFC 1035, 4.1. */
function addressOf(question: Buffer): Buffer {
  const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
  return Buffer.concat([headOf(question, 0x8180, 1), questionOf(question), answer]);
}

function noSuchName(question: Buffer): Buffer {
  return Buffer.concat([headOf(question, 0x8183, 0), questionOf(question)]);
}

function headOf(question: Buffer, flags: number, answers: number): Buffer {
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers, 6);
  return head;
}

/** Without what may follow it, such as EDNS. */
function questionOf(question: Buffer): Buffer {
  return question.subarray(12, question.indexOf(0, 12) + 5);
}
