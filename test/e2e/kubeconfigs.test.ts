import { chmod, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { parse } from "yaml";
import { certificateUser, readAuthority } from "../control-plane/cluster-access.ts";
import { json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, issueClientCertificate, issueServerCertificate } from "../support/certificates.ts";
import { sharedControlPlane, uniqueNamespace } from "../support/control-plane.ts";
import { installationFolder, nodeVersions } from "../support/packed-cli.ts";
import { type ProxyOptions, type RunningProxy, startHttpProxy, startSocksProxy } from "../support/proxies.ts";
import { type CommandResult, runCommand, startCommand } from "../support/run-command.ts";
import { until } from "../support/until.ts";

jest.setTimeout(60_000);

// Every kubeconfig here is given to kubectl and to kev, in the same environment: they must be the same person to the
// server, or say the same line.

const cluster = sharedControlPlane();
const { port: serverPort } = new URL(cluster.server);
/** The server by a name that resolves nowhere: only a proxy leads there. */
const named = `https://kubernetes.default.svc:${serverPort}`;
const v1 = "client.authentication.k8s.io/v1";
const v1beta1 = "client.authentication.k8s.io/v1beta1";

let namespace: string;
let account: string;
let token: string;
let authority: Certificate;
let anna: Certificate;
let folder: string;
const proxies: RunningProxy[] = [];

beforeAll(async () => {
  namespace = await uniqueNamespace("kubeconfigs");
  account = `system:serviceaccount:${namespace}:default`;
  await cluster.must("create", "deployment", "ui-server", "--image=nginx:1.27", "--replicas=0", "-n", namespace);
  const people = [`--serviceaccount=${namespace}:default`, "--user=anna", "--group=writers"];
  await cluster.must("create", "rolebinding", "edit", "--clusterrole=edit", ...people, "-n", namespace);
  await cluster.must("create", "rolebinding", "admin", "--clusterrole=cluster-admin", people[0] ?? "", "-n", namespace);
  // kubectl create clusterrole knows of no uids.
  await cluster.apply(`apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: as-${namespace}}
rules:
  - {apiGroups: [""], resources: [users, groups], verbs: [impersonate]}
  - {apiGroups: [authentication.k8s.io], resources: [uids, userextras/team], verbs: [impersonate]}
`);
  await cluster.must(
    "create",
    "clusterrolebinding",
    `as-${namespace}`,
    `--clusterrole=as-${namespace}`,
    people[0] ?? "",
  );
  token = await cluster.tokenFor("default", namespace);
  authority = await readAuthority(cluster.dir);
  anna = await issueClientCertificate(authority, { user: "anna" });
  folder = await mkdtemp(join(installationFolder(), "kubeconfigs-"));
});
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

interface Parts {
  cluster?: object;
  user?: object;
  context?: object;
  /** Over all of the file. */
  file?: object;
  /** The file as text, in place of all that. */
  text?: string;
}

interface Surroundings {
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** What kev runs on. Default: each. */
  nodes?: typeof nodeVersions;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");

function kubeconfig({ cluster: settings, user = { token }, context, file, text }: Parts): string {
  if (text !== undefined) return text;
  const ca = { "certificate-authority-data": base64(authority.certificate) };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "x",
    clusters: [{ name: "c", cluster: { server: cluster.server, ...ca, ...settings } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace, ...context } }],
    ...file,
  });
}

/** Who they are to the server, or the first line of what they say. */
async function asked(parts: Parts, { args = [], env = {}, nodes = nodeVersions }: Surroundings) {
  const home = await mkdtemp(join(folder, "home-"));
  const file = join(home, "config");
  await writeFile(file, kubeconfig(parts));
  await writeFile(join(home, "token"), `${token}\n`);
  await writeFile(join(home, "anna.crt"), anna.certificate);
  await writeFile(join(home, "anna.key"), anna.key);
  await mkdir(join(home, ".kube"));
  const own = { HOME: home, KUBECONFIG: file, ...compileCache(), ...env };
  const all = (path: string, who: string) => ({ PATH: path, WHO: who, ...own });
  const path = process.env.PATH ?? "";
  const whoami = ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", ...args];
  const approve = [
    "emit",
    "approve",
    "ui-server",
    "-o",
    "jsonpath={.metadata.annotations.kev\\.dev/approver}",
    "--retry-timeout=0",
    ...args,
  ];
  const kev = join(installationFolder(), "node_modules/.bin/kev");
  const [kubectl, ...kevs] = await Promise.all([
    runCommand(cluster.kubectlPath, whoami, { cwd: home, env: all(path, "kubectl") }),
    ...nodes.map(({ bin }) => runCommand(kev, approve, { cwd: home, env: all([bin, path].join(delimiter), "kev") })),
  ]);
  return { kubectl: said(kubectl, home), kev: kevs.map((result) => said(result, home)) };
}

// In the folder that goes with the installation; what is in $HOME would be made anew by each.
const compileCache = () => ({ NODE_COMPILE_CACHE: join(installationFolder(), "compile-cache") });

function said({ code, stdout, stderr }: CommandResult, home: string): string {
  return code === 0 ? stdout : (stderr.replaceAll(home, "HOME").split("\n")[0] ?? "");
}

/** What all of them said, which must be one and the same. */
async function agreed(parts: Parts, surroundings: Surroundings = {}): Promise<string> {
  const { kubectl, kev } = await asked(parts, surroundings);
  expect(kev).toEqual(kev.map(() => kubectl));
  return kubectl;
}

async function plugin(script: string): Promise<string> {
  const file = join(await mkdtemp(join(folder, "plugin-")), "login");
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
const credential = (status: object, apiVersion = v1) =>
  `cat <<'END'\n${JSON.stringify({ apiVersion, kind: "ExecCredential", status })}\nEND`;
const exec = async (script: string, more: object = {}) => ({
  exec: { apiVersion: v1, interactiveMode: "IfAvailable", command: await plugin(script), ...more },
});

describe("who they are", () => {
  test.each<[string, () => Parts | Promise<Parts>, string, Surroundings?]>([
    ["a token", () => ({}), "default"],
    ["a token file, relative to the kubeconfig", () => ({ user: { tokenFile: "token", token: "other" } }), "default"],
    [
      "a certificate in files",
      () => ({ user: { "client-certificate": "anna.crt", "client-key": "./anna.key" } }),
      "anna",
    ],
    ["a certificate within", () => ({ user: certificateUser(anna) }), "anna"],
    [
      "a user of another name",
      () => ({ file: { users: [{ name: "v", user: { token } }] } }),
      "default",
      { args: ["--user=v"] },
    ],
    ["no user, and a token", () => ({ context: { user: undefined } }), "default"],
    [
      "an authority in a file",
      () => ({ cluster: { "certificate-authority-data": undefined, "certificate-authority": cluster.caFile } }),
      "default",
    ],
    [
      "an authority of the machine's",
      () => ({ cluster: { "certificate-authority-data": undefined } }),
      "default",
      { env: { SSL_CERT_FILE: cluster.caFile } },
    ],
    [
      "no authority at all",
      () => ({ cluster: { "certificate-authority-data": undefined, "insecure-skip-tls-verify": true } }),
      "default",
    ],
    [
      "another name of the server",
      () => ({ cluster: { "tls-server-name": "kubernetes.default.svc", "disable-compression": true } }),
      "default",
    ],
    [
      "somebody else",
      () => ({
        user: {
          token,
          as: "jane",
          "as-uid": "7",
          "as-groups": ["writers", "system:authenticated"],
          "as-user-extra": { team: ["a", "b"] },
        },
      }),
      "jane",
    ],
    ["a plug-in", async () => ({ user: await exec(credential({ token })) }), "default"],
    [
      "a plug-in of the older version",
      async () => ({
        user: await exec(credential({ token }, v1beta1), { apiVersion: v1beta1, interactiveMode: undefined }),
      }),
      "default",
    ],
    [
      "a plug-in that prints YAML",
      async () => ({
        user: await exec(`cat <<END\nkind: ExecCredential\napiVersion: ${v1}\nstatus:\n  token: ${token}\nEND`),
      }),
      "default",
    ],
    [
      "a plug-in's certificate",
      async () => ({
        user: await exec(credential({ clientCertificateData: anna.certificate, clientKeyData: anna.key })),
      }),
      "anna",
    ],
    ["a token beside a plug-in", async () => ({ user: { token, ...(await exec("exit 3")) } }), "default"],
    ["a valid ID token", () => ({ user: oidc({ "id-token": token }) }), "default"],
  ])("%s", async (name, parts, user, surroundings = {}) => {
    const args = name === "no user, and a token" ? { args: [`--token=${token}`] } : surroundings;
    expect(await agreed(await parts(), args)).toBe(user === "default" ? account : user);
  });

  test("the first of a list of files has the word, for a name and for the current context", async () => {
    const first = join(folder, "first");
    const context = { cluster: "c", user: "mine", namespace };
    const users = [{ name: "mine", user: certificateUser(anna) }];
    await writeFile(first, JSON.stringify({ "current-context": "mine", contexts: [{ name: "mine", context }], users }));
    const second = join(folder, "second");
    await writeFile(second, kubeconfig({ file: { users: [{ name: "mine", user: { token } }] } }));
    const env = { KUBECONFIG: [join(folder, "none"), first, "", second, first].join(delimiter) };
    expect(await agreed({}, { env })).toBe("anna");
  });
});

const oidc = (config: Record<string, string>) => ({
  "auth-provider": { name: "oidc", config: { "idp-issuer-url": "https://127.0.0.1:1", "client-id": "kev", ...config } },
});

test("an ID token that has ended is renewed, and kept in the kubeconfig", async () => {
  const { certificate, key } = await issueServerCertificate(authority, ["127.0.0.1"]);
  const ended = `e30.${Buffer.from('{"exp":1}').toString("base64url")}.x`;
  const runs = ["kubectl", ...nodeVersions.map(({ name }) => name)];
  const issuer = await startApiStub({ cert: certificate, key });
  const kept: unknown[] = [];
  for (const who of runs) {
    issuer.next(json({ token_endpoint: `${issuer.url}/token` }));
    // The API server takes it as a service account's; for who is to renew it, it is an ID token as any other.
    issuer.next(json({ access_token: "a", token_type: "Bearer", id_token: token, refresh_token: `next-${who}` }));
  }
  const settings = { "idp-issuer-url": issuer.url, "idp-certificate-authority-data": base64(authority.certificate) };
  const config = kubeconfig({ user: oidc({ ...settings, "id-token": ended, "refresh-token": "first" }) });
  for (const [index, who] of runs.entries()) {
    const home = await mkdtemp(join(folder, "oidc-"));
    const file = join(home, "config");
    await writeFile(file, config);
    const bin = nodeVersions[index - 1]?.bin ?? "";
    const program = index === 0 ? cluster.kubectlPath : join(installationFolder(), "node_modules/.bin/kev");
    const args = index === 0 ? ["get", "events"] : ["events"];
    const env = { PATH: [bin, process.env.PATH].join(delimiter), HOME: home, KUBECONFIG: file };
    expect(await runCommand(program, args, { cwd: home, env })).toMatchObject({ code: 0 });
    const { users } = parse(await readFile(file, "utf8")) as { users: unknown };
    kept.push(JSON.parse(JSON.stringify(users).replace(`next-${who}`, "next")));
  }
  await issuer.close();
  const renewed = { ...settings, "client-id": "kev", "id-token": token, "refresh-token": "next" };
  const user = { "auth-provider": { name: "oidc", config: renewed } };
  expect(kept).toEqual(runs.map(() => [{ name: "u", user }]));
  expect(new Set(issuer.requests.map(({ body }) => body))).toEqual(
    new Set(["", "grant_type=refresh_token&refresh_token=first"]),
  );
});

test("a plug-in is told the same, to the letter", async () => {
  const extension = {
    name: "client.authentication.k8s.io/exec",
    extension: { audience: "me", scopes: [1, { a: null, b: true }] },
  };
  const told = await mkdtemp(join(folder, "told-"));
  const script = `printf %s "$KUBERNETES_EXEC_INFO" >"${told}/$WHO"; echo "$INNER" >>"${told}/$WHO"\n${credential({ token })}`;
  const user = await exec(script, {
    provideClusterInfo: true,
    env: [
      { name: "INNER", value: "inner" },
      { name: "WHO", value: "" },
    ],
  });
  user.exec = { ...user.exec, env: [{ name: "INNER", value: "inner" }] } as typeof user.exec;
  const proxy = await started(startHttpProxy({}));
  const settings = {
    server: `${cluster.server}/`,
    extensions: [extension],
    "proxy-url": `http://127.0.0.1:${proxy.port}`,
    "tls-server-name": "localhost",
  };
  expect(await agreed({ cluster: settings, user })).toBe(account);
  const [kubectl, kev] = await Promise.all(["kubectl", "kev"].map((who) => readFile(join(told, who), "utf8")));
  expect(kev).toBe(kubectl?.replace("\n", ""));
});

async function started(proxy: Promise<RunningProxy>): Promise<RunningProxy> {
  const running = await proxy;
  proxies.push(running);
  return running;
}

describe("through a proxy", () => {
  const over = async (): Promise<ProxyOptions> => {
    const { certificate, key } = await issueServerCertificate(authority, ["127.0.0.1"]);
    return { tls: { cert: certificate, key } };
  };
  const login = "me:p@ss";
  const toServer = { leadsTo: Number(serverPort) };

  test.each<[string, () => Promise<RunningProxy>, string, string]>([
    ["HTTP", () => startHttpProxy({ ...toServer, login }), "HTTPS_PROXY", "http://me:p%40ss@"],
    [
      "HTTPS",
      async () => startHttpProxy({ ...toServer, ...(await over()), login }),
      "https_proxy",
      "https://me:p%40ss@",
    ],
    ["SOCKS 5", () => startSocksProxy({ ...toServer, login }), "HTTPS_PROXY", "socks5://me:p%40ss@"],
    ["SOCKS 5h", () => startSocksProxy(toServer), "https_proxy", "socks5h://"],
  ])("of the environment: %s", async (_, start, variable, scheme) => {
    const proxy = await started(start());
    const env = { [variable]: `${scheme}127.0.0.1:${proxy.port}`, NO_PROXY: "10.0.0.0/8,.example.com,svc:1" };
    expect(await agreed({ cluster: { server: named } }, { env })).toBe(account);
    expect(new Set(proxy.asked)).toEqual(new Set([new URL(named).host]));
    expect(new Set(proxy.logins)).toEqual(new Set([scheme.includes("@") ? login : "-"]));
  });

  test.each<[string, () => Promise<RunningProxy>, string]>([
    ["HTTP", () => startHttpProxy({ login }), "http://me:p%40ss@"],
    ["HTTPS", async () => startHttpProxy({ ...(await over()), login }), "https://me:p%40ss@"],
    ["SOCKS 5", () => startSocksProxy({ login }), "socks5://me:p%40ss@"],
  ])("of the kubeconfig, for loopback and whatever NO_PROXY says: %s", async (_, start, scheme) => {
    const proxy = await started(start());
    const settings = { "proxy-url": `${scheme}127.0.0.1:${proxy.port}` };
    expect(await agreed({ cluster: settings }, { env: { NO_PROXY: "*" } })).toBe(account);
    expect(new Set(proxy.asked)).toEqual(new Set([new URL(cluster.server).host]));
  });

  test.each(["127.0.0.0/8", "*", "unused"])(
    "of the environment not for loopback, with NO_PROXY=%s",
    async (NO_PROXY) => {
      const proxy = await started(startHttpProxy({ refusal: 502 }));
      const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY };
      expect(await agreed({}, { env })).toBe(account);
      expect(proxy.asked).toEqual([]);
    },
  );

  test("that refuses, or is of a strange authority", async () => {
    const refusing = await started(startHttpProxy({ refusal: 502 }));
    const settings = { server: named, "proxy-url": `http://127.0.0.1:${refusing.port}` };
    expect(await agreed({ cluster: settings })).toBe("Unable to connect to the server: Bad Gateway");
    const socks = await started(startSocksProxy({ login }));
    const wrong = { server: named, "proxy-url": `socks5://me:no@127.0.0.1:${socks.port}` };
    expect(await agreed({ cluster: wrong })).toBe(
      `Unable to connect to the server: socks connect tcp 127.0.0.1:${socks.port}->${new URL(named).host}: username/password authentication failed`,
    );
    const strange = await started(startHttpProxy(await over()));
    const byName = { "proxy-url": `https://localhost:${strange.port}` };
    expect(await agreed({ cluster: byName })).toBe(
      "Unable to connect to the server: proxyconnect tcp: tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match localhost",
    );
  });
});

describe("the same line", () => {
  const pem = "certificate-authority-data";
  let nodes = nodeVersions;
  test.each<[string, () => Parts | Promise<Parts>, Surroundings?]>([
    ["an empty file", () => ({ text: "" })],
    ["a tab", () => ({ text: "clusters:\n- name: a\n\tcluster: x\n" })],
    ["no file", () => ({}), { args: ["--kubeconfig=/none/config"] }],
    ["a context that is not there", () => ({}), { args: ["--context=y"] }],
    ["a cluster that is not there", () => ({}), { args: ["--cluster=y"] }],
    ["a user that is not there", () => ({}), { args: ["--user=y"] }],
    ["a current context that is not there", () => ({ file: { "current-context": "y" } })],
    ["no current context", () => ({ file: { "current-context": "" } })],
    ["no cluster in the context", () => ({ context: { cluster: undefined } })],
    ["a token that nobody knows", () => ({ user: { token: "no" } })],
    ["a token file that is not there", () => ({ user: { tokenFile: "none" } })],
    ["a token and a password", () => ({ user: { token: "no", username: "me", password: "no" } })],
    ["groups of nobody", () => ({ user: { token: "no", "as-groups": ["a"] } })],
    ["an authority twice", () => ({ cluster: { "certificate-authority": cluster.caFile } })],
    ["an authority that is none", () => ({ cluster: { [pem]: base64("none") } })],
    ["another authority", () => ({ cluster: { [pem]: undefined } }), { env: { SSL_CERT_FILE: "/dev/null" } }],
    ["an authority beside no check", () => ({ cluster: { "insecure-skip-tls-verify": true } })],
    ["another name", () => ({ cluster: { "tls-server-name": "other.example" } })],
    ["a certificate without its key", () => ({ user: { "client-certificate": "anna.crt" } })],
    ["an unknown kind of proxy", () => ({ cluster: { "proxy-url": "socks5h://127.0.0.1:1" } })],
    [
      "HTTP_PROXY in CGI",
      () => ({ cluster: { server: "http://x.example" } }),
      { env: { HTTP_PROXY: "http://127.0.0.1:1", REQUEST_METHOD: "GET" } },
    ],
    ["the auth provider gcp", () => ({ user: { "auth-provider": { name: "gcp" } } })],
    ["the auth provider azure", () => ({ user: { "auth-provider": { name: "azure" } } })],
    ["an unknown auth provider", () => ({ user: { "auth-provider": { name: "foo" } } })],
    ["no issuer", () => ({ user: { "auth-provider": { name: "oidc" } } })],
    ["no refresh token", () => ({ user: oidc({}) })],
    ["an ID token that is none", () => ({ user: oidc({ "id-token": "x" }) })],
    ["a plug-in and an auth provider", async () => ({ user: { ...oidc({}), ...(await exec("")) } })],
    ["a plug-in without anything", () => ({ user: { exec: {} } })],
    [
      "a plug-in of an old version",
      async () => ({ user: await exec("", { apiVersion: "client.authentication.k8s.io/v1alpha1" }) }),
    ],
    ["a plug-in that must ask", async () => ({ user: await exec("", { interactiveMode: "Always" }) })],
    ["a plug-in that fails", async () => ({ user: await exec("exit 3") })],
    ["a plug-in that is killed", async () => ({ user: await exec("kill -9 $$") })],
    ["a plug-in that answers in another version", async () => ({ user: await exec(credential({ token }, v1beta1)) })],
    [
      "a plug-in without a status",
      async () => ({ user: await exec(`echo '{"kind":"ExecCredential","apiVersion":"${v1}"}'`) }),
    ],
    ["a plug-in without credentials", async () => ({ user: await exec(credential({})) })],
    ["a plug-in with half of them", async () => ({ user: await exec(credential({ clientKeyData: "x" })) })],
    [
      "a plug-in with what is no certificate",
      async () => ({ user: await exec(credential({ clientCertificateData: "x", clientKeyData: "x" })) }),
    ],
    ["a plug-in that is not installed", async () => ({ user: await exec("", { command: "kev-no-such-login" }) })],
    ["a plug-in that is not there", async () => ({ user: await exec("", { command: "sub/../login" }) })],
    ["a plug-in that may not be run", async () => ({ user: await exec("", { command: "./token" }) })],
  ])("%s", async (_, parts, surroundings = {}) => {
    // They do not depend on Node: one each.
    nodes = nodes.toReversed();
    const line = await agreed(await parts(), { ...surroundings, nodes: nodes.slice(1) });
    expect(line).toMatch(
      /^(?:error: |Error in configuration: |Unable to connect to the server: |The connection to the server )/,
    );
  });

  test("of kubectl's policy for plug-ins", async () => {
    const user = await exec(credential({ token }));
    const preference = {
      apiVersion: "kubectl.config.k8s.io/v1beta1",
      kind: "Preference",
      credentialPluginPolicy: "Allowlist",
    };
    const kuberc = join(folder, "kuberc");
    const env = { KUBERC: kuberc };
    const lines: string[] = [];
    for (const settings of [
      { credentialPluginAllowlist: [{ command: user.exec.command }] },
      { credentialPluginAllowlist: [{ command: "other" }] },
      { credentialPluginPolicy: "DenyAll" },
      { credentialPluginPolicy: "Never" },
      {},
    ]) {
      await writeFile(kuberc, JSON.stringify({ ...preference, ...settings }));
      lines.push(await agreed({ user }, { env }));
    }
    const { command } = user.exec;
    expect(lines).toEqual([
      account,
      `Unable to connect to the server: getting credentials: plugin path "${command}" is not permitted by the credential plugin allowlist`,
      `Unable to connect to the server: getting credentials: plugin "${command}" not allowed: policy set to "DenyAll"`,
      'error occurred while applying preferences unknown plugin policy: "Never"',
      'error occurred while applying preferences credential plugin policy set to "Allowlist", but allowlist is unspecified',
    ]);
  });
});

test.each(nodeVersions)("a watch goes on with what a plug-in says anew, $name", async ({ bin }) => {
  const home = await mkdtemp(join(folder, "watch-"));
  // The first token is refused; each ends at once.
  const login = `echo x >>${home}/runs
[ "$(wc -l <${home}/runs)" -gt 1 ] || { ${credential({ token: "no" })}
exit; }
${credential({ token, expirationTimestamp: "2020-01-01T00:00:00Z" })}`;
  await writeFile(join(home, "config"), kubeconfig({ user: await exec(login) }));
  const env = {
    PATH: [bin, process.env.PATH].join(delimiter),
    HOME: home,
    KUBECONFIG: join(home, "config"),
    ...compileCache(),
  };
  const kev = join(installationFolder(), "node_modules/.bin/kev");
  const follow = startCommand(kev, ["events", "-w"], { cwd: home, env });
  const reason = `Followed${bin.includes("node20") ? "20" : "24"}`;
  const runs = async () => (await readFile(join(home, "runs"), "utf8").catch(() => "")).split("\n").length - 1;
  // Asked for the list, refused, asked again; asked for the watch.
  await until(async () => (await runs()) >= 3);
  const emitted = await runCommand(kev, ["emit", reason, "ui-server"], { cwd: home, env });
  await until(async () => follow.output.stdout.includes(reason));
  follow.kill("SIGINT");
  expect([emitted.code, (await follow.ended).stderr]).toEqual([0, ""]);
});

describe("at a terminal", () => {
  /** What is shown at a terminal where somebody types `typed`. */
  async function atTerminal(home: string, bin: string, typed: string, command: string): Promise<string> {
    // Linux's program and that of the BSDs.
    const script =
      process.platform === "linux" ? ["-qec", command, "/dev/null"] : ["-q", "/dev/null", "sh", "-c", command];
    const path = [bin, join(installationFolder(), "node_modules/.bin"), process.env.PATH].join(delimiter);
    const env = { ...compileCache(), PATH: path, HOME: home, KUBECONFIG: join(home, "config"), TERM: "dumb" };
    const { stdout } = await runCommand("script", script, { cwd: home, env, stdin: typed });
    return stdout;
  }

  const programs = [
    { name: "kubectl", bin: "", command: `${cluster.kubectlPath} get deployment/ui-server deployment/other -o name` },
    ...nodeVersions.map((node) => ({ ...node, command: "kev emit Reached ui-server other" })),
  ];

  beforeAll(async () => {
    await cluster.must("create", "deployment", "other", "--image=nginx:1.27", "--replicas=0", "-n", namespace);
  });

  test.each(programs)("a plug-in asks once, whatever is asked of the server: $name", async ({ bin, command }) => {
    const home = await mkdtemp(join(folder, "terminal-"));
    const login = `[ -t 0 ] || exit 9
echo "$KUBERNETES_EXEC_INFO" >>${home}/runs
printf 'password? ' >&2
read -r answer
[ "$answer" = open ] || exit 4
${credential({ token })}`;
    await writeFile(join(home, "config"), kubeconfig({ user: await exec(login, { interactiveMode: "Always" }) }));
    const shown = await atTerminal(home, bin, "open\n", command);
    expect(shown.match(/password\? /g)).toHaveLength(1);
    const stored = /(?:deployment\.apps\/(?:ui-server|other)|event\/(?:ui-server|other)\.\w+ created)\r$/gm;
    expect(shown.match(stored)).toHaveLength(2);
    // What client-go writes ends in a line feed.
    expect((await readFile(join(home, "runs"), "utf8")).trim()).toBe(
      `{"kind":"ExecCredential","apiVersion":"${v1}","spec":{"interactive":true}}`,
    );
  });

  // kubectl looks types up first, and lets the plug-in ask for that.
  test.each(nodeVersions)("it may not where manifests are typed: $name", async ({ bin }) => {
    const home = await mkdtemp(join(folder, "terminal-"));
    const user = await exec(credential({ token }), { interactiveMode: "Always" });
    await writeFile(join(home, "config"), kubeconfig({ user }));
    const manifest = '{"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "x"}}';
    expect(await atTerminal(home, bin, `${manifest}\n\u0004`, "kev emit Reached -f -")).toContain(
      "getting credentials: exec plugin cannot support interactive mode: standard input is unavailable: used by stdin resource manifest reader",
    );
  });

  test.each(nodeVersions)(
    "what is typed is for the command while one runs, and then for a plug-in: $name",
    async ({ bin }) => {
      const home = await mkdtemp(join(folder, "terminal-"));
      const login = `read -r answer
[ "$answer" = open ] || exit 4
${credential({ token })}`;
      await writeFile(join(home, "config"), kubeconfig({ user: await exec(login, { interactiveMode: "Always" }) }));
      const command =
        "kev run --on ui-server -- sh -c 'read -r word; sleep 1; echo got $word; exit 5' || echo status $?";
      const shown = (await atTerminal(home, bin, "word\nopen\n", command)).split("\r\n");

      expect(shown).toContain("got word");
      expect(shown.filter((line) => line.startsWith("error:"))).toEqual([
        "error: the event CommandStarted was not written: Unable to connect to the server: getting credentials: exec plugin cannot support interactive mode: standard input is unavailable: used by the command",
      ]);
      expect(shown).toContain("status 5");
    },
  );
});
