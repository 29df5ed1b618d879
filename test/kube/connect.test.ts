import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type ConnectOptions, connect, type RequestReport, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import {
  type Certificate,
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from "../support/certificates.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";

let authority: Certificate;
let serverCertificate: Certificate;
let clientCertificate: Certificate;
let folder: Folder;
let stub: ApiStub;
const connections: StreamingConnection[] = [];
const base64 = (text: string) => Buffer.from(text).toString("base64");

beforeAll(async () => {
  authority = await createCertificateAuthority();
  serverCertificate = await issueServerCertificate(authority, ["127.0.0.1", "api.example"]);
  clientCertificate = await issueClientCertificate(authority, { user: "alice" });
});
beforeEach(async () => {
  folder = await createFolder();
  stub = await startApiStub({
    cert: serverCertificate.certificate,
    key: serverCertificate.key,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
  });
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await stub.close();
  await folder.remove();
});

async function open(options: ConnectOptions = {}, user: object = {}, cluster: object = {}) {
  const ca = { "certificate-authority-data": base64(authority.certificate) };
  const path = await folder.write("config", kubeconfig({ server: stub.url, ...ca, ...cluster }, user));
  const connection = await connect({ kubeconfig: path, env: {}, homeDir: folder.path, ...options });
  connections.push(connection);
  return connection;
}

/** The headers of one GET, without those of HTTP itself. */
async function headersOf(options: ConnectOptions, user: object = {}) {
  const connection = await open(options, user);
  stub.next(json({}));
  await connection.request({ path: "/version" });
  const { host, connection: kept, ...headers } = stub.requests.at(-1)?.headers ?? {};
  return headers;
}

describe("an answer that is to be read with pauses", () => {
  test("is not read ahead, and comes whole; its connection is none of the others'", async () => {
    const connection = await open();
    stub.next(json({}));
    await connection.request({ path: "/version" });
    const lines = 1_000;
    stub.next(async (response) => {
      for (let line = 0; line < lines; line++) {
        if (!response.write(`${"x".repeat(1_023)}\n`)) await once(response, "drain");
      }
      response.end();
    });
    const { body } = await connection.send({ method: "GET", path: "/events", pausable: true });
    body.pause();
    // Time enough to read it all: what is read at once from the kernel is 64 KiB.
    await sleep(200);
    const { bytesRead } = (body as IncomingMessage).socket;
    expect(bytesRead).toBeLessThan(100 * 1_024);
    let length = 0;
    for await (const chunk of body) length += chunk.length;
    expect(length).toBe(lines * 1_024);
    expect(stub.requests[1]?.port).not.toBe(stub.requests[0]?.port);
    expect(stub.requests[1]?.headers["accept-encoding"]).toBeUndefined();
  });
});

describe("a request", () => {
  test("carries path, query, body and headers", async () => {
    const connection = await open({ userAgent: "kev/1.2.3 (linux/amd64)" }, {}, { server: `${stub.url}/prefix/` });
    stub.next(json({ kind: "Event" }, 201));
    const answer = await connection.request({
      method: "POST",
      path: "/api/v1/namespaces/shop/events",
      query: { dryRun: "All", fieldManager: "a b", unset: undefined },
      body: { reason: "Größe" },
    });
    expect(answer).toEqual({ kind: "Event" });
    expect(stub.requests).toEqual([
      {
        method: "POST",
        url: "/prefix/api/v1/namespaces/shop/events?dryRun=All&fieldManager=a+b",
        headers: {
          "user-agent": ["kev/1.2.3 (linux/amd64)"],
          "accept-encoding": ["gzip"],
          accept: ["application/json"],
          "content-type": ["application/json"],
          "content-length": ["20"],
          host: [`127.0.0.1:${stub.port}`],
          connection: ["keep-alive"],
        },
        body: '{"reason":"Größe"}',
        port: expect.any(Number),
      },
    ]);
  });

  test("says who it is for in UTF-8 beside a body, too", async () => {
    const connection = await open({ as: "jürgen" });
    stub.next(json({}));
    await connection.request({ method: "POST", path: "/x", body: { reason: "Größe" } });
    expect(stub.requests).toMatchObject([
      {
        headers: { "impersonate-user": [Buffer.from("jürgen").toString("latin1")] },
        body: '{"reason":"Größe"}',
      },
    ]);
  });

  test("that could have a body says that there is none", async () => {
    const connection = await open();
    for (const method of ["POST", "GET"] as const) {
      stub.next(json({}));
      await connection.request({ method, path: "/x" });
    }
    expect(stub.requests.map(({ headers }) => [headers["content-length"], headers["transfer-encoding"]])).toEqual([
      [["0"], undefined],
      [undefined, undefined],
    ]);
  });

  test("has a content type and an accept of its own where asked", async () => {
    const connection = await open();
    stub.next(json({}));
    await connection.request({ method: "PATCH", path: "/x", body: [], contentType: "a/b", accept: "c/d" });
    expect(stub.requests[0]?.headers).toMatchObject({ "content-type": ["a/b"], accept: ["c/d"] });
  });

  test("shares its connection with the next", async () => {
    const connection = await open();
    for (const _ of [1, 2]) {
      stub.next(json({}));
      await connection.request({ path: "/x" });
    }
    expect(stub.requests[0]?.port).toBe(stub.requests[1]?.port);
  });

  test("may be answered with gzip, unless compression is off", async () => {
    const connection = await open();
    stub.next((response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(gzipSync('{"a":1}'));
    });
    expect(await connection.request({ path: "/x" })).toEqual({ a: 1 });
    expect(await headersOf({ disableCompression: true })).not.toHaveProperty("accept-encoding");
  });

  test.each([
    ["", "without a body"],
    ["null", "without a JSON object: null"],
    ["[]", "without a JSON object: []"],
    ["<html>Log in</html>", "without JSON: <html>Log in</html>"],
    ['{"kind": "Deploy', 'without JSON: {"kind": "Deploy'],
  ])("answered with %j is a failure", async (body, problem) => {
    const connection = await open();
    stub.next((response) => response.writeHead(200).end(body));
    await expect(connection.request({ path: "/x", query: { limit: "1" } })).rejects.toMatchObject({
      name: "BadAnswerError",
      kind: "failed",
      line: `Error from server: GET /x answered HTTP 200 ${problem}`,
    });
  });
});

describe("an answer that is too long", () => {
  const long = gzipSync(Buffer.alloc(256 * 2 ** 20 + 1, " "));
  const answerWith = (status: number) => {
    stub.next((response) => response.writeHead(status, { "content-encoding": "gzip" }).end(long));
  };

  test("is a failure that says so", async () => {
    const connection = await open();
    answerWith(201);
    await expect(connection.request({ method: "POST", path: "/x", body: {} })).rejects.toMatchObject({
      name: "BadAnswerError",
      line: "Error from server: POST /x answered HTTP 201 with more than 256 MiB",
    });
    stub.next(json({ ok: true }));
    expect(await connection.request({ path: "/y" })).toEqual({ ok: true });
    // Unpacking so much takes seconds on a busy machine.
  }, 30_000);

  test("is still the failure that its status says", async () => {
    const connection = await open();
    answerWith(503);
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
      name: "ApiError",
      line: "Error from server: GET /x answered HTTP 503",
    });
  });
});

describe("the connection", () => {
  test("tells server and namespace", async () => {
    expect(await open({ server: `https://me:secret@127.0.0.1:${stub.port}/`, namespace: "shop" })).toMatchObject({
      server: stub.url,
      namespace: "shop",
      namespaceEnforced: true,
    });
    expect(await open()).toMatchObject({ namespace: "default", namespaceEnforced: false });
  });

  test("speaks to plain http servers, without credentials", async () => {
    const plain = await startApiStub();
    try {
      const connection = await open({ server: plain.url, token: "secret" }, { tokenFile: "none" });
      plain.next(json({ plain: true }));
      expect(await connection.request({ path: "/x" })).toEqual({ plain: true });
      expect(plain.requests[0]?.headers).not.toHaveProperty("authorization");
    } finally {
      await plain.close();
    }
  });

  test("works without a user, and checks --tls-server-name, which may be an address", async () => {
    for (const tlsServerName of ["api.example", "127.0.0.1"]) {
      const connection = await open({ tlsServerName });
      stub.next(json({ ok: tlsServerName }));
      expect(await connection.request({ path: "/x" })).toEqual({ ok: tlsServerName });
    }
  });

  test("skips verification where asked, and drops the kubeconfig's CA then", async () => {
    const other = await createCertificateAuthority("other");
    const wrong = { "certificate-authority-data": base64(other.certificate) };
    const connection = await open({ insecureSkipTlsVerify: true }, {}, wrong);
    stub.next(json({ ok: true }));
    expect(await connection.request({ path: "/x" })).toEqual({ ok: true });
  });

  test("hands out an answer while it comes in", async () => {
    const connection = await open();
    stub.next((response) => {
      response.writeHead(404);
      response.write("one,");
      setImmediate(() => response.end("two"));
    });
    const { status, body } = await connection.send({ method: "GET", path: "/x" });
    let text = "";
    for await (const chunk of body) text += chunk;
    expect([status, text]).toEqual([404, "one,two"]);
  });

  test("may be used again after close", async () => {
    const connection = await open();
    for (const _ of [1, 2]) {
      stub.next(json({}));
      await connection.request({ path: "/x" });
      connection.close();
    }
    expect(stub.requests).toHaveLength(2);
  });
});

describe("credentials", () => {
  const bearer = (token: string) => ({ authorization: [`Bearer ${token}`] });

  test("a token, of the kubeconfig or the flag", async () => {
    expect(await headersOf({}, { token: "t1" })).toMatchObject(bearer("t1"));
    expect(await headersOf({ token: "t2" }, { token: "t1" })).toMatchObject(bearer("t2"));
  });

  test("a token file beats a token; the token counts when the file is missing", async () => {
    await folder.write("token", " from-file\n");
    expect(await headersOf({}, { token: "t", tokenFile: "token" })).toMatchObject(bearer("from-file"));
    expect(await headersOf({}, { token: "t", tokenFile: "none" })).toMatchObject(bearer("t"));
  });

  test("a token file that changed is read again on a 401, once", async () => {
    await folder.write("token", "old");
    const connection = await open({}, { tokenFile: "token" });
    stub.next(json({}));
    await connection.request({ path: "/1" });
    await folder.write("token", "new");
    stub.next(json({ kind: "Status" }, 401));
    stub.next(json({ ok: true }));
    expect(await connection.request({ path: "/2" })).toEqual({ ok: true });
    stub.next(json({ kind: "Status", message: "Unauthorized" }, 401));
    await expect(connection.request({ path: "/3" })).rejects.toMatchObject({
      kind: "refused",
      line: "error: You must be logged in to the server (Unauthorized)",
    });
    expect(stub.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ["/1", ["Bearer old"]],
      ["/2", ["Bearer old"]],
      ["/2", ["Bearer new"]],
      ["/3", ["Bearer new"]],
    ]);
  });

  test("name and password, of the kubeconfig or of the URL, which beats a token", async () => {
    expect(await headersOf({}, { username: "u", password: "p:q" })).toMatchObject({
      authorization: [`Basic ${base64("u:p:q")}`],
    });
    expect(await headersOf({ server: `https://a:b@127.0.0.1:${stub.port}`, token: "t" })).toMatchObject({
      authorization: [`Basic ${base64("a:b")}`],
    });
  });

  test("a client certificate, as data or as files", async () => {
    const { certificate, key } = clientCertificate;
    await folder.write("client.crt", certificate);
    await folder.write("client.key", key);
    const users = [
      { "client-certificate-data": base64(certificate), "client-key-data": base64(key) },
      { "client-certificate": "client.crt", "client-key": "client.key" },
    ];
    for (const user of users) {
      const connection = await open({}, user);
      stub.next((response) => {
        const socket = response.socket;
        const peer = socket && "getPeerCertificate" in socket ? (socket as import("node:tls").TLSSocket) : undefined;
        json({ user: peer?.getPeerCertificate().subject.CN })(response);
      });
      expect(await connection.request({ path: "/x" })).toEqual({ user: "alice" });
    }
  });

  test("impersonation, each group in a header of its own", async () => {
    const headers = await headersOf({
      as: "jürgen",
      asUid: "7",
      asGroups: ["a,b", "c"],
      asUserExtra: ["example.com/Scope%=x", "example.com/Scope%=y"],
    });
    const { accept, "user-agent": agent, "accept-encoding": encoding, ...rest } = headers;
    expect(rest).toEqual({
      "impersonate-user": [Buffer.from("jürgen").toString("latin1")],
      "impersonate-uid": ["7"],
      "impersonate-group": ["a,b", "c"],
      "impersonate-extra-example.com%2fscope%25": ["x", "y"],
    });
  });

  test("that cannot be a header are refused, unquoted", async () => {
    const connection = await open({}, { token: "s3cret\nx" });
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
      kind: "refused",
      line: 'Unable to connect to the server: net/http: invalid header field value for "Authorization"',
    });
  });

  test.each([
    [
      { name: "gcp" },
      `The gcp auth plugin has been removed.
Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.
See https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke for further details`,
    ],
    [
      { name: "azure" },
      `The azure auth plugin has been removed.
Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead.
See https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins for further details`,
    ],
    [{ name: "oidc" }, "Must provide idp-issuer-url"],
    [{ name: "oidc", config: { "idp-issuer-url": "https://issuer" } }, "Must provide client-id"],
    [{ name: "foo" }, 'no Auth Provider found for name "foo"'],
  ])("the auth provider %j is refused", async (provider, message) => {
    await expect(open({}, { "auth-provider": provider })).rejects.toMatchObject({ kind: "refused", message });
  });

  test("an auth provider does not matter beside a token", async () => {
    expect(await headersOf({ token: "t" }, { "auth-provider": { name: "oidc" } })).toMatchObject(bearer("t"));
  });
});

describe("who goes without credentials, and is taken for nobody, is told why", () => {
  const forbidden = { kind: "Status", reason: "Forbidden", message: 'User "system:anonymous" cannot get x' };

  test.each<[string, object, ConnectOptions, string | undefined]>([
    ["no credentials", {}, {}, 'the request went without credentials: the user "u" has none'],
    ["no context", {}, { context: "bare" }, 'the request went without credentials: the context "bare" names no user'],
    [
      "a user that is not there",
      {},
      { context: "lost" },
      'the request went without credentials: the kubeconfig has no user "v"',
    ],
    [
      "a password",
      { username: "a", password: "b" },
      {},
      "no API server has taken a name and a password since Kubernetes 1.19",
    ],
    ["a token", { token: "t" }, {}, undefined],
  ])("%s", async (_, user, options, hint) => {
    const contexts = [
      { name: "x", context: { cluster: "c", user: "u" } },
      { name: "bare", context: { cluster: "c" } },
      { name: "lost", context: { cluster: "c", user: "v" } },
    ];
    const ca = { "certificate-authority-data": base64(authority.certificate) };
    const path = await folder.write("config", { ...kubeconfig({ server: stub.url, ...ca }, user), contexts });
    const connection = await connect({ kubeconfig: path, env: {}, homeDir: folder.path, ...options });
    connections.push(connection);
    stub.next(json(forbidden, 403));
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({ kind: "refused", hint });
  });
});

describe("what is told on the side", () => {
  test("warnings of the server", async () => {
    const warnings: string[] = [];
    const connection = await open({ onWarning: (text) => warnings.push(text) });
    stub.next(json({}, 200, { warning: ['299 - "one"', '299 - "say \\"two\\""'] }));
    await connection.request({ path: "/x" });
    expect(warnings).toEqual(["one", 'say "two"']);
  });

  test("every request, without credentials", async () => {
    const reports: RequestReport[] = [];
    const connection = await open({ token: "s3cret", onRequest: (report) => reports.push(report) });
    stub.next(json({}, 201));
    await connection.request({ method: "POST", path: "/a", query: { b: "c" }, body: {} });
    stub.next((response) => response.destroy());
    await expect(connection.request({ method: "POST", path: "/d" })).rejects.toMatchObject({ reason: "cut" });
    expect(reports).toEqual([
      { method: "POST", path: "/a?b=c", status: 201, milliseconds: expect.any(Number) },
      {
        method: "POST",
        path: "/d",
        // Which of the two is up to the kernel.
        error: expect.stringMatching(/^Unable to connect to the server: (EOF|read: connection reset by peer)$/),
        milliseconds: expect.any(Number),
      },
    ]);
  });
});
