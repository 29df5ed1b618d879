import { describe, expect, test } from "@jest/globals";
import { parseKubeconfig } from "../../src/kube/parse-kubeconfig.ts";

const parse = (text: string) => parseKubeconfig(text, "FILE", (path) => `/dir/${path}`);

test("every field that kev uses", () => {
  const text = `
apiVersion: v1
kind: Config
preferences: {colors: true}
current-context: x
clusters:
- name: c
  cluster: &cluster
    server: https://one:6443
    tls-server-name: one.example
    insecure-skip-tls-verify: true
    certificate-authority: ca.crt
    certificate-authority-data: ${Buffer.from("PEM").toString("base64")}
    proxy-url: socks5://proxy:1080
    disable-compression: true
    extensions:
    - name: other
      extension: 1
    - name: client.authentication.k8s.io/exec
      extension: {audience: me}
- name: d
  cluster: {<<: *cluster, server: 'https://two'}
users:
- name: u
  user:
    client-certificate: u.crt
    client-certificate-data: YQ==
    client-key: u.key
    client-key-data: YWI=
    token: 2024-01-01
    tokenFile: token
    username: name
    password: secret
    as: admin
    as-uid: "7"
    as-groups: [a, b]
    as-user-extra: {scopes: [x, y]}
    auth-provider: {name: oidc, config: {idp-issuer-url: https://issuer}}
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: login
      args: [get, token]
      env: [{name: A, value: b}]
      installHint: install it
      provideClusterInfo: true
      interactiveMode: Never
contexts:
- name: x
  context: {cluster: c, user: u, namespace: prod}
`;
  const cluster = {
    server: "https://one:6443",
    tlsServerName: "one.example",
    insecureSkipTlsVerify: true,
    certificateAuthority: "/dir/ca.crt",
    certificateAuthorityData: "PEM",
    proxyUrl: "socks5://proxy:1080",
    disableCompression: true,
    execExtension: { audience: "me" },
  };
  expect(parse(text)).toEqual({
    currentContext: "x",
    clusters: new Map([
      ["c", cluster],
      ["d", { ...cluster, server: "https://two" }],
    ]),
    users: new Map([
      [
        "u",
        {
          clientCertificate: "/dir/u.crt",
          clientCertificateData: "a",
          clientKey: "/dir/u.key",
          clientKeyData: "ab",
          token: "2024-01-01",
          tokenFile: "/dir/token",
          username: "name",
          password: "secret",
          as: "admin",
          asUid: "7",
          asGroups: ["a", "b"],
          asUserExtra: { scopes: ["x", "y"] },
          authProvider: { name: "oidc", config: { "idp-issuer-url": "https://issuer" }, file: "FILE" },
          exec: {
            apiVersion: "client.authentication.k8s.io/v1",
            command: "login",
            args: ["get", "token"],
            env: [{ name: "A", value: "b" }],
            installHint: "install it",
            provideClusterInfo: true,
            interactiveMode: "Never",
          },
        },
      ],
    ]),
    contexts: new Map([["x", { cluster: "c", user: "u", namespace: "prod" }]]),
  });
});

test.each(["", "\n# only a remark\n", "{}", "clusters: null\nusers:\n"])("%j is an empty kubeconfig", (text) => {
  expect(parse(text)).toEqual({ currentContext: "", clusters: new Map(), users: new Map(), contexts: new Map() });
});

// What kubectl config view says.
test.each([
  ["current-context: a\n---\ncurrent-context: b\n", "a"],
  ["# remark\n--- # another\ncurrent-context: a\n--- {broken: [", "a"],
  ["%YAML 1.1\n---\ncurrent-context: a\n...\nbroken: [", "a"],
  ["---\n---\ncurrent-context: b\n", ""],
  ["users:\n- name: u\n  user:\n    token: |\n      ---\ncurrent-context: a\n", "a"],
])("only the first document counts: %j", (text, currentContext) => {
  expect(parse(text)).toMatchObject({ currentContext });
});

describe("refused", () => {
  test.each([
    ["a: [b", "yaml: line 1: unexpected end of the stream within a flow collection"],
    ["clusters:\n- name: a\n\tcluster: x\n", "yaml: line 3: found a tab character that violates indentation"],
    ["just text", "the document: expected a mapping, got a string"],
    ["clusters: 5", "clusters: expected a list, got a number"],
    ["clusters: [{name: a, cluster: {server: 5}}]", "clusters[0].cluster.server: expected a string, got a number"],
    ["users: [{name: a, user: {token: [s3cret]}}]", "users[0].user.token: expected a string, got a list"],
    [
      "clusters: [{name: a, cluster: {insecure-skip-tls-verify: s}}]",
      "clusters[0].cluster.insecure-skip-tls-verify: expected true or false, got a string",
    ],
    ["users: [{name: a}, {name: a}]", 'duplicate name "a" in users'],
    ["apiVersion: v2\nkind: Config", 'no kind "Config" is registered for version "v2"'],
    [
      "clusters: [{name: a, cluster: {certificate-authority-data: '***'}}]",
      "clusters[0].cluster.certificate-authority-data: illegal base64 data at input byte 0",
    ],
    [
      "users: [{name: a, user: {client-key-data: YWJ}}]",
      "users[0].user.client-key-data: illegal base64 data at input byte 0",
    ],
  ])("%j", (text, reason) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ kind: "usage", line: `error: error loading config file "FILE": ${reason}` }),
    );
  });

  test("no error carries the lines around a mistake, which may hold a token", () => {
    const text = "users:\n- name: a\n  user:\n    token: s3cret\n    x: [";
    let thrown: unknown;
    try {
      parse(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Error);
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain("s3cret");
  });
});
