import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { KubeConfig, type User } from "@kubernetes/client-node";
import { type ConnectOptions, connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";

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
  stub = await startApiStub({ cert: certificate.certificate, key: certificate.key });
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await stub.close();
  await folder.remove();
});

function callerConfig(user: Partial<User>): KubeConfig {
  const config = new KubeConfig();
  const caData = Buffer.from(authority.certificate).toString("base64");
  config.loadFromOptions({
    clusters: [{ name: "c", server: stub.url, caData, skipTLSVerify: false }],
    users: [
      { name: "u", ...user },
      { name: "v", token: "other" },
    ],
    contexts: [
      { name: "x", cluster: "c", user: "u", namespace: "shop" },
      { name: "y", cluster: "c", user: "v" },
    ],
    currentContext: "x",
  });
  return config;
}

async function headersWith(kubeConfig: KubeConfig, options: ConnectOptions = {}) {
  const connection = await connect({ kubeConfig, env: {}, homeDir: folder.path, ...options });
  connections.push(connection);
  stub.next(json({}));
  await connection.request({ path: "/x" });
  return { namespace: connection.namespace, headers: stub.requests.at(-1)?.headers };
}

describe("a caller's own KubeConfig", () => {
  test("gives server, CA, token, namespace and impersonation; flags go on top", async () => {
    const config = callerConfig({ token: "t", impersonateUser: "boss" });
    expect(await headersWith(config)).toMatchObject({
      namespace: "shop",
      headers: { authorization: ["Bearer t"], "impersonate-user": ["boss"] },
    });
    expect(await headersWith(config, { context: "y", as: "me" })).toMatchObject({
      namespace: "default",
      headers: { authorization: ["Bearer other"], "impersonate-user": ["me"] },
    });
  });

  test("of a pod gives its token file", async () => {
    const tokenFile = await folder.write("token", "pod-token");
    const config = callerConfig({ authProvider: { name: "tokenFile", config: { tokenFile } } });
    expect((await headersWith(config)).headers).toMatchObject({ authorization: ["Bearer pod-token"] });
  });

  test("with an authenticator of the caller's is asked before every request", async () => {
    const config = callerConfig({ authProvider: { name: "mine" }, impersonateUser: "boss" });
    let count = 0;
    config.addAuthenticator({
      isAuthProvider: ({ authProvider }) => authProvider?.name === "mine",
      applyAuthentication: async (_, options) => {
        options.headers = { ...options.headers, Authorization: `Bearer mine-${++count}` };
      },
    });
    for (const authorization of ["Bearer mine-1", "Bearer mine-2"]) {
      expect((await headersWith(config)).headers).toMatchObject({
        authorization: [authorization],
        "impersonate-user": ["boss"],
      });
    }
    expect((await headersWith(config, { token: "flag" })).headers).toMatchObject({ authorization: ["Bearer flag"] });
    await expect(headersWith(config, { context: "y" })).rejects.toMatchObject({
      kind: "usage",
      line: "error: context and user cannot be chosen for a KubeConfig with its own authenticators",
      hint: "call its setCurrentContext instead",
    });
  });
});
