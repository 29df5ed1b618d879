import { mkdir } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { ConnectOptions } from "../../src/kube/connect-options.ts";
import { findInCluster } from "../../src/kube/in-cluster.ts";
import { parseKubeconfig } from "../../src/kube/parse-kubeconfig.ts";
import { resolveClientConfig } from "../../src/kube/resolve-client-config.ts";
import { createFolder, type Folder, kubeconfig } from "../support/kubeconfig-folder.ts";

let folder: Folder;
beforeEach(async () => {
  folder = await createFolder();
});
afterEach(() => folder.remove());

const pod = { KUBERNETES_SERVICE_HOST: "10.0.0.1", KUBERNETES_SERVICE_PORT: "443" };

function resolve(content: object, options: ConnectOptions = {}, env: Record<string, string> = {}) {
  return resolveClientConfig(
    parseKubeconfig(JSON.stringify(content), "f", (path) => path),
    options,
    {
      inCluster: () => findInCluster(env, folder.path),
      defaultServer: env.KUBERNETES_MASTER ?? "http://localhost:8080",
      missing: ["/home/me/.kube/config"],
    },
  );
}

const pem = Buffer.from("-----BEGIN CERTIFICATE-----").toString("base64");

test("a whole configuration", async () => {
  const config = await resolve(
    kubeconfig(
      { server: "https://host:6443/prefix/?q#f", "certificate-authority-data": pem, "proxy-url": "http://proxy:1" },
      { "client-certificate-data": pem, "client-key-data": pem, token: "t" },
      { namespace: "shop" },
    ),
    { requestTimeout: "5s", as: "me", asGroups: ["g"] },
  );
  const source = { pem: "-----BEGIN CERTIFICATE-----" };
  expect(config).toEqual({
    server: "https://host:6443/prefix",
    urlCredentials: undefined,
    contextName: "x",
    namespace: "shop",
    namespaceEnforced: false,
    tls: { insecure: false, serverName: "", authority: source, certificate: { certificate: source, key: source } },
    auth: { token: "t", tokenFile: "", basic: undefined, exec: undefined, authProvider: undefined },
    impersonate: { user: "me", uid: "", groups: ["g"], extra: {} },
    proxyUrl: "http://proxy:1",
    disableCompression: false,
    timeout: 5_000,
    unreachableHint: undefined,
    anonymousHint: undefined,
  });
});

test.each([
  [undefined, 90_000],
  ["0", 0],
])("with a request time-out of %s a request may take %d ms", async (requestTimeout, timeout) => {
  expect(await resolve(kubeconfig({ server: "https://host" }), { requestTimeout })).toMatchObject({ timeout });
});

test("over http neither credentials nor certificates count", async () => {
  const config = await resolve(
    kubeconfig({ server: "http://host", "insecure-skip-tls-verify": true }, { token: "t", as: "me" }),
  );
  expect(config).toMatchObject({
    server: "http://host",
    tls: { insecure: false, serverName: "", authority: undefined, certificate: undefined },
    auth: { token: "", tokenFile: "", basic: undefined, exec: undefined, authProvider: undefined },
    impersonate: { user: "me" },
  });
});

describe("the server's address", () => {
  test.each([
    ["127.0.0.1:8001", "http://127.0.0.1:8001"],
    ["localhost:8001", "http://localhost:8001"],
    ["https://[::1]:6443/", "https://[::1]:6443"],
  ])("%s", async (server, url) => expect((await resolve({}, { server })).server).toBe(url));

  test("loses name and password, which become credentials", async () => {
    expect(await resolve({}, { server: "https://u:p%40@host/a" })).toMatchObject({
      server: "https://host/a",
      urlCredentials: { username: "u", password: "p@" },
    });
  });

  test.each([
    ["::::", 'error: host must be a URL or a host:port pair: "::::"'],
    ["https://u:secret@ho st", 'error: host must be a URL or a host:port pair: "https://ho st"'],
    ["host/path", 'error: host must be a URL or a host:port pair: "host/path"'],
    ["ftp://host", 'Unable to connect to the server: unsupported protocol scheme "ftp"'],
  ])("%s is refused", async (server, line) => {
    await expect(resolve({}, { server })).rejects.toMatchObject({ kind: "usage", line });
  });
});

describe("without a usable kubeconfig", () => {
  test("kubectl's last resort, and a hint", async () => {
    expect(await resolve({})).toMatchObject({
      server: "http://localhost:8080",
      namespace: "default",
      unreachableHint:
        "there is no kubeconfig at /home/me/.kube/config; set KUBECONFIG, or pass --kubeconfig or --server",
    });
    expect((await resolve({}, {}, { KUBERNETES_MASTER: "http://host:1" })).server).toBe("http://host:1");
  });

  describe("in a pod", () => {
    beforeEach(async () => {
      await folder.write("token", "pod-token\n");
      await folder.write("ca.crt", "-----BEGIN CERTIFICATE-----");
      await folder.write("namespace", "pod-ns\n");
    });

    test("its service account", async () => {
      expect(await resolve({}, { as: "me", requestTimeout: "1s" }, pod)).toEqual({
        server: "https://10.0.0.1",
        urlCredentials: undefined,
        contextName: "",
        namespace: "pod-ns",
        namespaceEnforced: false,
        tls: {
          insecure: false,
          serverName: "",
          authority: { file: folder.at("ca.crt") },
          certificate: undefined,
        },
        auth: { token: "", tokenFile: folder.at("token"), basic: undefined, exec: undefined, authProvider: undefined },
        impersonate: { user: "me", uid: "", groups: [], extra: {} },
        proxyUrl: "",
        disableCompression: false,
        timeout: 1_000,
        unreachableHint: undefined,
        anonymousHint: undefined,
      });
    });

    test("an IPv6 service address", async () => {
      const env = { ...pod, KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" };
      expect((await resolve({}, {}, env)).server).toBe("https://[fd00::1]:6443");
    });

    test("POD_NAMESPACE before the file, --namespace before both", async () => {
      const env = { ...pod, POD_NAMESPACE: "env-ns" };
      expect(await resolve({}, {}, env)).toMatchObject({ namespace: "env-ns", namespaceEnforced: false });
      expect(await resolve({}, { namespace: "n" }, env)).toMatchObject({ namespace: "n", namespaceEnforced: true });
    });

    test("--token instead of the token file", async () => {
      expect((await resolve({}, { token: "mine" }, pod)).auth).toMatchObject({ token: "mine", tokenFile: "" });
    });

    test("a kubeconfig that names a server wins; its namespace too, where it has one", async () => {
      const named = await resolve(kubeconfig({ server: "https://host" }), {}, pod);
      expect(named).toMatchObject({ server: "https://host", namespace: "pod-ns", auth: { tokenFile: "" } });
      const own = await resolve(kubeconfig({ server: "https://host" }, {}, { namespace: "default" }), {}, pod);
      expect(own.namespace).toBe("default");
    });

    test("a folder without a token, or a missing variable, is no pod", async () => {
      await mkdir(folder.at("empty"));
      expect(await findInCluster(pod, folder.at("empty"))).toBeUndefined();
      expect(await findInCluster({ KUBERNETES_SERVICE_HOST: "h" }, folder.path)).toBeUndefined();
    });

    test("no namespace file means default, no ca.crt the system's authorities", async () => {
      await mkdir(folder.at("bare"));
      await folder.write("bare/token", "t");
      expect(await findInCluster(pod, folder.at("bare"))).toMatchObject({
        namespace: "default",
        cluster: { certificateAuthority: "" },
      });
    });
  });
});

describe("refused", () => {
  const secure = { server: "https://host" };
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "login", interactiveMode: "Never" };
  test.each<[string, object, ConnectOptions, string]>([
    [
      "a bad time-out",
      kubeconfig(secure),
      { requestTimeout: "abc" },
      "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
    ],
    [
      "groups without a user",
      kubeconfig(secure),
      { asGroups: ["g"] },
      "error: requesting uid, groups or user-extra for u without impersonating a user",
    ],
    [
      "token and password",
      kubeconfig(secure, { username: "a", password: "b" }),
      { token: "t" },
      "error: more than one authentication method found for u; found [token basicAuth], only one is allowed",
    ],
    [
      "token file and password",
      kubeconfig(secure, { username: "a", tokenFile: "t" }),
      {},
      "error: username/password or bearer token may be set, but not both",
    ],
    [
      "CA file and data",
      kubeconfig({ ...secure, "certificate-authority": "/", "certificate-authority-data": pem }),
      {},
      "error: certificate-authority-data and certificate-authority are both specified for c. certificate-authority-data will override.",
    ],
    [
      "CA and insecure",
      kubeconfig({ ...secure, "certificate-authority-data": pem, "insecure-skip-tls-verify": true }),
      {},
      "error: specifying a root certificates file with the insecure flag is not allowed",
    ],
    [
      "a CA file that is missing",
      kubeconfig(secure),
      { certificateAuthority: "/none/ca.crt" },
      "error: unable to read certificate-authority /none/ca.crt for c due to open /none/ca.crt: no such file or directory",
    ],
    [
      "a certificate without a key, and missing",
      kubeconfig(secure),
      { clientCertificate: "/none/c.crt" },
      "Error in configuration: \n* client-key-data or client-key must be specified for u to use the clientCert authentication method.\n* unable to read client-cert /none/c.crt for u due to open /none/c.crt: no such file or directory",
    ],
    [
      "a proxy of an unknown kind",
      kubeconfig({ ...secure, "proxy-url": "ftp://me:secret@x" }),
      {},
      `error: invalid 'proxy-url' "ftp://x" for cluster "c": unsupported scheme "ftp", must be http, https, or socks5`,
    ],
    [
      "a v1 plug-in without interactiveMode",
      kubeconfig(secure, { exec: { ...exec, interactiveMode: "" } }),
      {},
      "error: interactiveMode must be specified for u to use exec authentication plugin",
    ],
    [
      "a plug-in with several mistakes",
      kubeconfig(secure, {
        exec: { env: [{ value: "x" }], interactiveMode: "Foo" },
        "auth-provider": { name: "oidc" },
      }),
      {},
      'Error in configuration: \n* authProvider cannot be provided in combination with an exec plugin for u\n* command must be specified for u to use exec authentication plugin\n* apiVersion must be specified for u to use exec authentication plugin\n* env variable name must be specified for u to use exec authentication plugin\n* invalid interactiveMode for u: "Foo"',
    ],
  ])("%s", async (_, content, options, line) => {
    await expect(resolve(content, options)).rejects.toMatchObject({ kind: "usage", line });
  });
});
