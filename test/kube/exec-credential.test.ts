import { chmod, readFile } from "node:fs/promises";
import { execPath } from "node:process";
import type { TLSSocket } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { type ConnectOptions, connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import {
  type Certificate,
  createCertificateAuthority,
  issueClientCertificate,
  issueServerCertificate,
} from "../support/certificates.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";
import { runCommand } from "../support/run-command.ts";

const v1 = "client.authentication.k8s.io/v1";
const v1beta1 = "client.authentication.k8s.io/v1beta1";
const base64 = (text: string) => Buffer.from(text).toString("base64");

let authority: Certificate;
let certificate: Certificate;
let folder: Folder;
let stub: ApiStub;
const connections: StreamingConnection[] = [];

beforeAll(async () => {
  authority = await createCertificateAuthority();
  certificate = await issueServerCertificate(authority, ["127.0.0.1"]);
});
beforeEach(async () => {
  folder = await createFolder();
  stub = await startApiStub({
    cert: certificate.certificate,
    key: certificate.key,
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

async function open(exec: object, options: ConnectOptions = {}, user: object = {}, cluster: object = {}) {
  const plugin = { apiVersion: v1, interactiveMode: "Never", ...exec };
  const ca = { "certificate-authority-data": base64(authority.certificate) };
  const file = await folder.write(
    "config",
    kubeconfig({ server: stub.url, ...ca, ...cluster }, { exec: plugin, ...user }),
  );
  const connection = await connect({ kubeconfig: file, env: { OUTER: "outer" }, homeDir: folder.path, ...options });
  connections.push(connection);
  return connection;
}

/** A plug-in in JavaScript. */
const script = (code: string) => ({ command: execPath, args: ["-e", code] });
const answering = (answer: unknown) => script(`console.log(${JSON.stringify(JSON.stringify(answer))})`);
const credential = (status: object, apiVersion = v1) => ({ apiVersion, kind: "ExecCredential", status });
/** A plug-in whose token counts its runs, from the given ones. */
const counting = (expiries: (string | undefined)[] = []) =>
  script(`
    const fs = require("node:fs");
    const file = ${JSON.stringify(folder.at("runs"))};
    fs.appendFileSync(file, "x");
    const run = fs.readFileSync(file, "utf8").length;
    const expirationTimestamp = ${JSON.stringify(expiries)}[run - 1] ?? undefined;
    const status = { token: "token-" + run, expirationTimestamp };
    console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status }));
  `);
const runs = async () => (await readFile(folder.at("runs"), "utf8")).length;
const tokens = () => stub.requests.map(({ headers }) => headers.authorization?.[0]);

describe("a plug-in that answers", () => {
  test.each([v1, v1beta1])("a token, in %s", async (apiVersion) => {
    const connection = await open({ ...answering(credential({ token: "t" }, apiVersion)), apiVersion });
    stub.next(json({ ok: true }));
    expect(await connection.request({ path: "/x" })).toEqual({ ok: true });
    expect(tokens()).toEqual(["Bearer t"]);
  });

  test("in YAML", async () => {
    const yaml = `apiVersion: ${v1}\nkind: ExecCredential\nstatus:\n  token: t\n  expirationTimestamp: 2999-01-01T00:00:00Z\n`;
    const connection = await open(script(`console.log(${JSON.stringify(yaml)})`));
    stub.next(json({}));
    await connection.request({ path: "/x" });
    expect(tokens()).toEqual(["Bearer t"]);
  });

  test("a new certificate, which cuts no request that is under way", async () => {
    const [first, second] = await Promise.all(
      ["one", "two"].map((user) => issueClientCertificate(authority, { user })),
    );
    const statuses = [first, second].map((pair, run) => ({
      clientCertificateData: pair?.certificate,
      clientKeyData: pair?.key,
      expirationTimestamp: run === 0 ? "2020-01-01T00:00:00Z" : "2999-01-01T00:00:00Z",
    }));
    const connection = await open(
      script(`
        const fs = require("node:fs");
        const file = ${JSON.stringify(folder.at("runs"))};
        fs.appendFileSync(file, "x");
        const status = ${JSON.stringify(statuses)}[fs.readFileSync(file, "utf8").length - 1];
        console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status }));
      `),
    );
    const user = ({ socket }: { socket: unknown }) => (socket as TLSSocket).getPeerCertificate().subject.CN;
    let release = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      stub.next((response) => {
        release = () => json({ user: user(response) })(response);
        resolve();
      });
    });
    const slow = connection.request({ path: "/slow" });
    await arrived;
    stub.next((response) => json({ user: user(response) })(response));
    expect(await connection.request({ path: "/quick" })).toEqual({ user: "two" });
    release();
    expect(await slow).toEqual({ user: "one" });
  });

  test("a certificate", async () => {
    const client = await issueClientCertificate(authority, { user: "carol" });
    const status = { clientCertificateData: client.certificate, clientKeyData: client.key };
    const connection = await open(answering(credential(status)));
    stub.next((response) => json({ user: (response.socket as TLSSocket).getPeerCertificate().subject.CN })(response));
    expect(await connection.request({ path: "/x" })).toEqual({ user: "carol" });
  });

  test("is run once for many requests, and not before the first", async () => {
    const connection = await open(counting());
    await expect(runs()).rejects.toMatchObject({ code: "ENOENT" });
    for (const _ of [1, 2, 3]) stub.next(json({}));
    await Promise.all([1, 2].map((path) => connection.request({ path: `/${path}` })));
    await connection.request({ path: "/3" });
    expect(await runs()).toBe(1);
  });

  test("is run again when its credential has expired", async () => {
    const connection = await open(counting(["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"]));
    for (const _ of [1, 2, 3]) {
      stub.next(json({}));
      await connection.request({ path: "/x" });
    }
    expect(tokens()).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-2"]);
  });

  test("is run again on a 401, once", async () => {
    const connection = await open(counting());
    stub.next(json({}, 401));
    stub.next(json({ ok: true }));
    expect(await connection.request({ path: "/1" })).toEqual({ ok: true });
    stub.next(json({}, 401));
    stub.next(json({ kind: "Status", message: "Unauthorized" }, 401));
    await expect(connection.request({ path: "/2" })).rejects.toMatchObject({ httpStatus: 401 });
    expect(tokens()).toEqual(["Bearer token-1", "Bearer token-2", "Bearer token-2", "Bearer token-3"]);
  });

  test("may take its time for that: the refused answer's connection is kept", async () => {
    const [flag, code] = counting().args;
    const hasRun = `require("node:fs").existsSync(${JSON.stringify(folder.at("runs"))})`;
    const slow = { command: execPath, args: [flag, `setTimeout(() => { ${code} }, ${hasRun} ? 500 : 0)`] };
    const connection = await open(slow, { requestTimeout: "300ms" });
    stub.next(json({}, 401));
    stub.next(json({ ok: true }));
    expect(await connection.request({ path: "/1" })).toEqual({ ok: true });
    expect(new Set(stub.requests.map(({ port }) => port)).size).toBe(1);
  });

  test("is not waited for by a request that is aborted", async () => {
    const ending = new AbortController();
    const connection = await open(script("setInterval(() => {}, 1000)"), { signal: ending.signal });
    const request = connection.request({ path: "/x", signal: AbortSignal.timeout(50) });
    await expect(request).rejects.toThrow("The operation was aborted due to timeout");
    ending.abort();
  });

  test.each<[string, ConnectOptions, object, string]>([
    ["--token", { token: "flag" }, {}, "Bearer flag"],
    ["a password", {}, { username: "u", password: "p" }, `Basic ${base64("u:p")}`],
  ])("is not run where there is %s", async (_, options, user, header) => {
    const connection = await open(counting(), options, user);
    stub.next(json({}));
    await connection.request({ path: "/x" });
    expect(tokens()).toEqual([header]);
    await expect(runs()).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is not run where there is a client certificate", async () => {
    const client = await issueClientCertificate(authority, { user: "carol" });
    const data = {
      "client-certificate-data": base64(client.certificate),
      "client-key-data": base64(client.key),
    };
    const connection = await open(counting(), {}, data);
    stub.next(json({}));
    await connection.request({ path: "/x" });
    await expect(runs()).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a plug-in is given", () => {
  const telling = script(`
    const { KUBERNETES_EXEC_INFO, OUTER, INNER } = process.env;
    process.stderr.write(JSON.stringify({ info: JSON.parse(KUBERNETES_EXEC_INFO), OUTER, INNER }));
    console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status: { token: "t" } }));
  `);

  async function told(exec: object, cluster: object = {}): Promise<unknown> {
    let output = "";
    const onPluginOutput = (text: string) => {
      output += text;
    };
    const connection = await open({ ...telling, ...exec }, { onPluginOutput }, {}, cluster);
    stub.next(json({}));
    await connection.request({ path: "/x" });
    return JSON.parse(output);
  }

  test("KUBERNETES_EXEC_INFO, its own variables and ours; its stderr is passed on", async () => {
    expect(await told({ env: [{ name: "INNER", value: "inner" }] })).toEqual({
      info: { kind: "ExecCredential", apiVersion: v1, spec: { interactive: false } },
      OUTER: "outer",
      INNER: "inner",
    });
  });

  test("the cluster when it asks for it", async () => {
    const extensions = [{ name: "client.authentication.k8s.io/exec", extension: { audience: "me" } }];
    // As it is written; the proxy of the environment is none of the cluster's.
    const cluster = { server: `${stub.url}/`, extensions, "disable-compression": true };
    expect(await told({ provideClusterInfo: true }, cluster)).toMatchObject({
      info: {
        spec: {
          interactive: false,
          cluster: {
            server: `${stub.url}/`,
            "certificate-authority-data": base64(authority.certificate),
            "disable-compression": true,
            config: { audience: "me" },
          },
        },
      },
    });
  });
});

describe("stdin", () => {
  const asking = script(`
    const { isatty } = require("node:tty");
    const { interactive } = JSON.parse(process.env.KUBERNETES_EXEC_INFO).spec;
    console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status: { token: String(interactive) } }));
  `);

  test.each([
    ["Never", true, "Bearer false"],
    ["IfAvailable", false, "Bearer false"],
    ["IfAvailable", true, "Bearer true"],
    ["Always", true, "Bearer true"],
  ])("%s, terminal %s", async (interactiveMode, stdinIsTTY, header) => {
    const connection = await open({ ...asking, interactiveMode }, { stdinIsTTY });
    stub.next(json({}));
    await connection.request({ path: "/x" });
    expect(tokens()).toEqual([header]);
  });

  test("is not for a plug-in when something else reads it", async () => {
    const connection = await open(
      { ...asking, interactiveMode: "IfAvailable" },
      { stdinIsTTY: true, stdinUsedBy: "used by x" },
    );
    stub.next(json({}));
    await connection.request({ path: "/x" });
    expect(tokens()).toEqual(["Bearer false"]);
  });

  test.each([
    [{ stdinIsTTY: false }, "not a terminal"],
    [{ stdinIsTTY: true, stdinUsedBy: "used by x" }, "unavailable: used by x"],
  ])("Always with %j is refused", async (options, why) => {
    const connection = await open({ ...asking, interactiveMode: "Always" }, options);
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
      kind: "refused",
      line: `Unable to connect to the server: getting credentials: exec plugin cannot support interactive mode: standard input is ${why}`,
    });
  });

  test("is one plug-in's at a time, whoever asks for it", async () => {
    const log = JSON.stringify(folder.at("log"));
    const slow = script(`
      const { appendFileSync } = require("node:fs");
      appendFileSync(${log}, "<");
      setTimeout(() => {
        appendFileSync(${log}, ">");
        console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status: { token: "t" } }));
      }, 50);
    `);
    const options = { stdinIsTTY: true };
    const two = [
      await open({ ...slow, interactiveMode: "Always" }, options),
      await open({ ...slow, interactiveMode: "Always" }, options),
    ];
    for (const _ of two) stub.next(json({}));
    await Promise.all(two.map((connection) => connection.request({ path: "/x" })));
    expect(await readFile(folder.at("log"), "utf8")).toBe("<><>");
  });

  test("is at its end for a plug-in that may not ask", async () => {
    const reading = script(`
      process.stdin.on("data", () => {}).on("end", () => {
        console.log(JSON.stringify({ apiVersion: "${v1}", kind: "ExecCredential", status: { token: "t" } }));
      });
    `);
    const connection = await open(reading);
    stub.next(json({}));
    await connection.request({ path: "/x" });
    expect(tokens()).toEqual(["Bearer t"]);
  });
});

describe("refused", () => {
  const generalHint =
    "this is a client-go credential plug-in that is not installed; see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";

  test.each<[string, () => object, string, string | undefined]>([
    ["missing", () => ({ command: "nope-not" }), "exec: executable nope-not not found", generalHint],
    [
      "missing, with a hint of its own",
      () => ({ command: "nope-not", installHint: "brew install nope" }),
      "exec: executable nope-not not found",
      "brew install nope",
    ],
    ["failing", () => script("process.exit(3)"), `exec: executable ${execPath} failed with exit code 3`, undefined],
    [
      "ended by a signal",
      () => script("process.kill(process.pid, 'SIGKILL')"),
      `exec: executable ${execPath} failed with exit code -1`,
      undefined,
    ],
    [
      "no JSON",
      () => script("console.log('s3cret')"),
      "decoding stdout: couldn't get version/kind; it is no JSON or YAML object",
      undefined,
    ],
    [
      "another version",
      () => answering(credential({ token: "s3cret" }, v1beta1)),
      `exec plugin is configured to use API version ${v1}, plugin returned version ${v1beta1}`,
      undefined,
    ],
    [
      "another kind",
      () => answering({ apiVersion: v1, kind: "Secret" }),
      `decoding stdout: no kind "Secret" is registered for version "${v1}"`,
      undefined,
    ],
    ["no kind", () => answering({ apiVersion: v1 }), "decoding stdout: Object 'Kind' is missing", undefined],
    [
      "no version",
      () => answering({ kind: "ExecCredential" }),
      "decoding stdout: Object 'apiVersion' is missing",
      undefined,
    ],
    [
      "a pair that is none",
      () => answering(credential({ clientCertificateData: authority.certificate, clientKeyData: certificate.key })),
      "failed parsing client key/certificate: tls: private key does not match public key",
      undefined,
    ],
    [
      "no status",
      () => answering({ apiVersion: v1, kind: "ExecCredential" }),
      "exec plugin didn't return a status field",
      undefined,
    ],
    ["nothing in it", () => answering(credential({})), "exec plugin didn't return a token or cert/key pair", undefined],
    [
      "half a pair",
      () => answering(credential({ clientKeyData: "s3cret" })),
      "exec plugin returned only certificate or key, not both",
      undefined,
    ],
    [
      "a bad time",
      () => answering(credential({ token: "s3cret", expirationTimestamp: "soon" })),
      "decoding stdout: expirationTimestamp is not a time",
      undefined,
    ],
  ])("%s", async (_, exec, text, hint) => {
    const connection = await open(exec());
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
      kind: "refused",
      exitCode: 4,
      line: `Unable to connect to the server: getting credentials: ${text}`,
      hint,
    });
    expect(stub.requests).toEqual([]);
  });

  test("a path that does not exist, and one that may not be run", async () => {
    const connection = await open({ command: "./nope" });
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
      line: `Unable to connect to the server: getting credentials: exec: fork/exec ${folder.at("nope")}: no such file or directory`,
      hint: generalHint,
    });
    await chmod(await folder.write("plain", "#!/bin/sh\n"), 0o600);
    const other = await open({ command: "./plain" });
    await expect(other.request({ path: "/x" })).rejects.toMatchObject({
      line: `Unable to connect to the server: getting credentials: exec: fork/exec ${folder.at("plain")}: permission denied`,
    });
  });

  test("what is found on no absolute folder of our own PATH, whatever the plug-in's is", async () => {
    await chmod(await folder.write("login", "#!/bin/sh\n"), 0o700);
    await chmod(await folder.write("plain", "#!/bin/sh\n"), 0o600);
    const env = [{ name: "PATH", value: folder.path }];
    const own = await open({ command: "login", env });
    const plain = await open({ command: "plain" }, { env: { PATH: `.:${folder.path}` } });
    for (const [connection, name] of [
      [own, "login"],
      [plain, "plain"],
    ] as const) {
      await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
        line: `Unable to connect to the server: getting credentials: exec: executable ${name} not found`,
      });
    }
  });

  test("a version that no plug-in speaks any more", async () => {
    const apiVersion = "client.authentication.k8s.io/v1alpha1";
    await expect(open({ command: "x", apiVersion })).rejects.toMatchObject({
      kind: "usage",
      line: `error: exec plugin: invalid apiVersion "${apiVersion}"`,
    });
  });

  test("a run that is aborted ends the plug-in", async () => {
    const controller = new AbortController();
    const waiting = script("process.stderr.write('code?'); setInterval(() => {}, 1000)");
    const connection = await open(waiting, {
      signal: controller.signal,
      onPluginOutput: () => controller.abort("enough"),
    });
    await expect(connection.request({ path: "/x" })).rejects.toBe("enough");
  });

  test("a request that is called off does not wait for the plug-in, which others may wait for", async () => {
    const one = new AbortController();
    const whole = new AbortController();
    const waiting = script("process.stderr.write('code?'); setInterval(() => {}, 1000)");
    const connection = await open(waiting, { signal: whole.signal, onPluginOutput: () => one.abort("enough") });
    await expect(connection.request({ path: "/x", signal: one.signal })).rejects.toBe("enough");
    whole.abort("end");
  });

  // The child tells its process id once the plug-in is in the state that the test is about.
  const child = (isReady: string) =>
    `const timer = setInterval(() => { if (${isReady}) { console.error(process.pid); clearInterval(timer); } }, 10);` +
    "setTimeout(() => {}, 60_000);";
  test.each([
    ["still runs", "true", "setInterval(() => {}, 1000)"],
    ["has ended", "process.ppid !== Number(process.argv[1])", "process.exit()"],
  ])("a child of a plug-in that %s holds nobody up who has aborted", async (_, isReady, then) => {
    const spawning = `
      const args = ["-e", ${JSON.stringify(child(isReady))}, String(process.pid)];
      require("node:child_process").spawn(process.execPath, args, { stdio: "inherit", detached: true });
      ${then}`;
    const program = `
      import { runExecPlugin } from ${JSON.stringify(import.meta.resolve("../../src/kube/exec-credential.ts"))};
      const plugin = { apiVersion: "${v1}", command: process.execPath, args: ["-e", ${JSON.stringify(spawning)}], env: [] };
      const abort = new AbortController();
      const onOutput = (pid) => { console.log(pid.trim()); abort.abort("enough"); };
      const surroundings = { env: process.env, homeDir: ".", cluster: {}, stdinIsTTY: false, onOutput, signal: abort.signal };
      runExecPlugin({ ...plugin, interactiveMode: "Never" }, surroundings).catch((reason) => console.log(reason));`;
    const { stdout } = await runCommand(execPath, ["--input-type=module", "-e", program], {
      env: {},
      cwd: folder.path,
    });
    const [pid, reason] = stdout.split("\n");
    process.kill(Number(pid), "SIGKILL");
    expect(reason).toBe("enough");
  });
});
