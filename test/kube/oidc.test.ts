import { chmod, lstat, readdir, readFile, rename, stat, symlink, writeFile } from "node:fs/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { connect, type StreamingConnection } from "../../src/kube/connect.ts";
import { parseKubeconfig } from "../../src/kube/parse-kubeconfig.ts";
import { type ApiStub, json, startApiStub } from "../support/api-stub.ts";
import { type Certificate, createCertificateAuthority, issueServerCertificate } from "../support/certificates.ts";
import { createFolder, type Folder } from "../support/kubeconfig-folder.ts";

let authority: Certificate;
let certificate: Certificate;
let folder: Folder;
let api: ApiStub;
let issuer: ApiStub;
const connections: StreamingConnection[] = [];

beforeAll(async () => {
  authority = await createCertificateAuthority();
  certificate = await issueServerCertificate(authority, ["127.0.0.1"]);
});
beforeEach(async () => {
  folder = await createFolder();
  const tls = { cert: certificate.certificate, key: certificate.key };
  [api, issuer] = await Promise.all([startApiStub(tls), startApiStub(tls)]);
});
afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  await Promise.all([api.close(), issuer.close()]);
  await folder.remove();
});

const base64 = (text: string) => Buffer.from(text).toString("base64");
/** A token that ends in so many seconds. */
const token = (seconds: number, name = "t") => {
  const claims = { name, exp: Math.trunc(Date.now() / 1_000) + seconds };
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;
};

const ca = () => base64(authority.certificate);

function kubeconfigWith(settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `        ${key}: ${value}`);
  return `# who made this
apiVersion: v1
kind: Config
current-context: x
clusters: [{name: c, cluster: {server: "${api.url}", certificate-authority-data: ${ca()}}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
users:
- name: other
  user: {token: t}
- name: u
  user:
    auth-provider:
      name: oidc
      config: # of the issuer
        idp-issuer-url: ${issuer.url}/
        client-id: kubernetes
        idp-certificate-authority-data: ${ca()}
${lines.join("\n")}
`;
}

async function open(settings: Record<string, string>): Promise<StreamingConnection> {
  const file = await folder.write("config", kubeconfigWith(settings));
  const connection = await connect({ kubeconfig: file, env: {}, homeDir: folder.path });
  connections.push(connection);
  return connection;
}

const discovers = () => issuer.next(json({ token_endpoint: `${issuer.url}/token` }));
const bearers = () => api.requests.map(({ headers }) => headers.authorization?.[0]);
const refused = (text: string) => ({ kind: "refused", line: `Unable to connect to the server: ${text}` });

test("a token that is valid is sent, and nobody asked", async () => {
  const valid = token(60);
  const connection = await open({ "id-token": valid, "refresh-token": "r" });
  api.next(json({}));
  await connection.request({ path: "/x" });
  expect(bearers()).toEqual([`Bearer ${valid}`]);
  expect(issuer.requests).toEqual([]);
});

describe("a token that ends within ten seconds is renewed", () => {
  test("once for all requests, and kept in the kubeconfig, where nothing else changes", async () => {
    const renewed = token(60, "new");
    const settings = { "client-secret": "s p", "id-token": token(5), "refresh-token": "r1" };
    const connection = await open(settings);
    discovers();
    issuer.next(json({ access_token: "a", id_token: renewed, refresh_token: "r2" }));
    for (const _ of [1, 2, 3]) api.next(json({}));
    await Promise.all(["/1", "/2"].map((path) => connection.request({ path })));
    await connection.request({ path: "/3" });
    expect(bearers()).toEqual(Array(3).fill(`Bearer ${renewed}`));
    expect(issuer.requests.map(({ method, url, body, headers }) => [method, url, body, headers.authorization])).toEqual(
      [
        ["GET", "/.well-known/openid-configuration", "", undefined],
        ["POST", "/token", "grant_type=refresh_token&refresh_token=r1", [`Basic ${base64("kubernetes:s%20p")}`]],
      ],
    );
    const kept = await readFile(folder.at("config"), "utf8");
    expect(kept).toBe(kubeconfigWith({ ...settings, "id-token": `"${renewed}"`, "refresh-token": '"r2"' }));
  });

  test("by an issuer that wants the client's id in the body", async () => {
    const connection = await open({ "refresh-token": "r" });
    discovers();
    issuer.next(json({ error: "invalid_client" }, 401));
    issuer.next(json({ id_token: token(60) }));
    api.next(json({}));
    await connection.request({ path: "/x" });
    expect(issuer.requests[2]).toMatchObject({ body: "grant_type=refresh_token&refresh_token=r&client_id=kubernetes" });
    expect(issuer.requests[2]?.headers).not.toHaveProperty("authorization");
    // There was no ID token before.
    expect(await readFile(folder.at("config"), "utf8")).toContain(`
        refresh-token: r
        id-token: e30.`);
  });

  test("and kept where the kubeconfig names one, but empty", async () => {
    const renewed = token(60, "new");
    const connection = await open({ "id-token": "", "refresh-token": "r1" });
    discovers();
    issuer.next(json({ id_token: renewed, refresh_token: "r2" }));
    api.next(json({}));
    await connection.request({ path: "/x" });
    const { users } = parseKubeconfig(await readFile(folder.at("config"), "utf8"), "", (path) => path);
    expect(users.get("u")?.authProvider?.config).toMatchObject({ "id-token": renewed, "refresh-token": "r2" });
  });

  test("and kept in another file of the same mode, so that nobody reads half of one; a link to it stays", async () => {
    const connection = await open({ "refresh-token": "r" });
    await rename(folder.at("config"), folder.at("real"));
    await chmod(folder.at("real"), 0o640);
    await symlink("real", folder.at("config"));
    const before = await stat(folder.at("real"));
    discovers();
    issuer.next(json({ id_token: token(60) }));
    api.next(json({}));
    await connection.request({ path: "/x" });
    const after = await stat(folder.at("real"));
    expect((await lstat(folder.at("config"))).isSymbolicLink()).toBe(true);
    expect({ mode: after.mode, isOther: after.ino !== before.ino }).toEqual({ mode: before.mode, isOther: true });
    expect(await readdir(folder.path)).toEqual(["config", "real"]);
  });

  test("by what another program has got, whose refresh token the issuer has taken", async () => {
    const connection = await open({ "id-token": token(-60), "refresh-token": "used" });
    const others = token(60, "other");
    discovers();
    issuer.next(json({ error: "invalid_grant" }, 400));
    issuer.next((response) => {
      json({ error: "invalid_grant" }, 400)(response);
      void writeFile(folder.at("config"), kubeconfigWith({ "id-token": others, "refresh-token": "next" }));
    });
    api.next(json({}));
    await connection.request({ path: "/x" });
    expect(bearers()).toEqual([`Bearer ${others}`]);
  });

  test("by what another program has written meanwhile", async () => {
    const connection = await open({ "id-token": token(-60), "refresh-token": "used" });
    const others = token(60, "other");
    await writeFile(folder.at("config"), kubeconfigWith({ "id-token": others, "refresh-token": "next" }));
    api.next(json({}));
    await connection.request({ path: "/x" });
    expect(bearers()).toEqual([`Bearer ${others}`]);
    expect(issuer.requests).toEqual([]);
  });
});

describe("refused", () => {
  test("without a token and without one to renew it by", async () => {
    const connection = await open({ "id-token": token(-1) });
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject(
      refused("No valid id-token, and cannot refresh without refresh-token"),
    );
  });

  test.each([
    ["x", "ID Token is not a valid JWT"],
    ["x.y.z", "parsing claims: the ID token's payload is not JSON"],
  ])("the token %s", async (idToken, text) => {
    const connection = await open({ "id-token": idToken });
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject(refused(text));
  });

  test.each<[string, () => void, string]>([
    [
      "no discovery",
      () => issuer.next((response) => response.writeHead(404).end("gone")),
      'oidc: failed to query metadata endpoint 404 Not Found: "gone"',
    ],
    ["no endpoint", () => issuer.next(json({})), "oidc: discovery object doesn't contain a token_endpoint"],
    [
      "a refresh token that is used up",
      () => {
        discovers();
        for (const _ of [1, 2]) issuer.next(json({ error: "invalid_grant", error_description: "used" }, 400));
      },
      'failed to refresh token: oauth2: "invalid_grant" "used"',
    ],
    [
      "no ID token",
      () => {
        discovers();
        issuer.next(json({ access_token: "a" }));
      },
      "token response did not contain an id_token, either the scope \"openid\" wasn't requested upon login, or the provider doesn't support id_tokens as part of the refresh response",
    ],
  ])("%s", async (_, prepare, text) => {
    const connection = await open({ "refresh-token": "r" });
    prepare();
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject(refused(text));
  });

  test("an issuer that is not there", async () => {
    const connection = await open({ "refresh-token": "r" });
    await issuer.close();
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject({
      kind: "unreachable",
      line: `The connection to the server 127.0.0.1:${issuer.port} was refused - did you specify the right host or port?`,
      hint: "it is the OpenID Connect issuer of the kubeconfig's user",
    });
  });

  test("tokens that cannot be kept, since the next run would have none", async () => {
    const connection = await open({ "refresh-token": "r" });
    await folder.write("config.lock", "");
    discovers();
    issuer.next(json({ id_token: token(60) }));
    await expect(connection.request({ path: "/x" })).rejects.toMatchObject(
      refused(`could not persist new tokens: open ${folder.at("config.lock")}: file exists`),
    );
    expect(await readFile(folder.at("config"), "utf8")).toBe(kubeconfigWith({ "refresh-token": "r" }));
  });
});
