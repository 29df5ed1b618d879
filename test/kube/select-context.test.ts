import { describe, expect, test } from "@jest/globals";
import type { ConnectOptions } from "../../src/kube/connect-options.ts";
import { parseKubeconfig } from "../../src/kube/parse-kubeconfig.ts";
import { selectContext } from "../../src/kube/select-context.ts";

const text = `
current-context: prod
clusters:
- name: prod
  cluster: {server: 'https://prod', certificate-authority-data: Q0E=, tls-server-name: prod.example}
- name: dev
  cluster: {server: 'https://dev', insecure-skip-tls-verify: true}
- name: nowhere
  cluster: {}
users:
- name: admin
  user: {token: t, client-certificate-data: Qw==, client-key-data: Sw==, as: boss, as-user-extra: {a: ["1"], b: ["2"]}}
- name: guest
  user: {}
contexts:
- name: prod
  context: {cluster: prod, user: admin, namespace: shop}
- name: dev
  context: {cluster: dev, user: guest}
- name: lost
  context: {cluster: gone, user: guest}
- name: empty
  context: {cluster: nowhere, user: guest}
- name: anonymous
  context: {cluster: dev}
`;
const select = (options: ConnectOptions = {}) =>
  selectContext(
    parseKubeconfig(text, "f", (path) => path),
    options,
  );

describe("choosing", () => {
  test("the current context", () => {
    expect(select()).toMatchObject({
      contextName: "prod",
      clusterName: "prod",
      userName: "admin",
      namespace: "shop",
      namespaceEnforced: false,
      cluster: { server: "https://prod" },
      user: { token: "t" },
    });
  });

  test("--context, --cluster, --user and --namespace", () => {
    expect(select({ context: "dev", cluster: "prod", user: "admin", namespace: "ns" })).toMatchObject({
      contextName: "dev",
      clusterName: "prod",
      userName: "admin",
      namespace: "ns",
      namespaceEnforced: true,
      cluster: { server: "https://prod" },
    });
  });

  test("a context without a user keeps its cluster's settings", () => {
    expect(select({ context: "anonymous" })).toMatchObject({
      cluster: { server: "https://dev", insecureSkipTlsVerify: true },
      user: { token: "" },
    });
  });
});

describe("flags over the kubeconfig", () => {
  test("--server keeps the CA and clears tls-server-name", () => {
    expect(select({ server: "https://other" }).cluster).toMatchObject({
      server: "https://other",
      certificateAuthorityData: "CA",
      tlsServerName: "",
    });
    expect(select({ server: "https://other", tlsServerName: "n" }).cluster.tlsServerName).toBe("n");
  });

  test("--insecure-skip-tls-verify clears the CA", () => {
    expect(select({ insecureSkipTlsVerify: true }).cluster).toMatchObject({
      insecureSkipTlsVerify: true,
      certificateAuthority: "",
      certificateAuthorityData: "",
    });
  });

  test("--certificate-authority replaces the CA's data and turns verification on again", () => {
    expect(select({ certificateAuthority: "ca.crt" }).cluster).toMatchObject({
      certificateAuthority: "ca.crt",
      certificateAuthorityData: "",
    });
    expect(select({ context: "dev", certificateAuthority: "ca.crt" }).cluster.insecureSkipTlsVerify).toBe(false);
  });

  test("--client-certificate and --client-key replace each their own data", () => {
    expect(select({ clientCertificate: "c.crt" }).user).toMatchObject({
      clientCertificate: "c.crt",
      clientCertificateData: "",
      clientKey: "",
      clientKeyData: "K",
    });
    expect(select({ clientKey: "c.key" }).user).toMatchObject({ clientCertificateData: "C", clientKey: "c.key" });
  });

  test("impersonation, extras merged by key", () => {
    const flags = { as: "me", asUid: "7", asGroups: ["g", "h"], asUserExtra: ["a=x=y", "a=z", "c="] };
    expect(select(flags).user).toMatchObject({
      as: "me",
      asUid: "7",
      asGroups: ["g", "h"],
      asUserExtra: { a: ["x=y", "z"], b: ["2"], c: [""] },
    });
  });

  test("--token and --disable-compression", () => {
    expect(select({ token: "new", disableCompression: true })).toMatchObject({
      user: { token: "new" },
      cluster: { disableCompression: true },
    });
  });
});

describe("refused", () => {
  test.each<[string, ConnectOptions, string, string, string | undefined]>([
    ["context", { context: "prd" }, "not-found", 'error: context "prd" does not exist', "did you mean prod?"],
    [
      "context unlike any",
      { context: "zzzzzzz" },
      "not-found",
      'error: context "zzzzzzz" does not exist',
      "there is anonymous, dev, empty, lost, prod",
    ],
    ["cluster", { cluster: "prodd" }, "not-found", 'error: cluster "prodd" does not exist', "did you mean prod?"],
    ["user", { user: "gest" }, "not-found", 'error: auth info "gest" does not exist', "did you mean guest?"],
    [
      "a context whose cluster does not exist",
      { context: "lost" },
      "not-found",
      'error: cluster "gone" was not found for context "lost"',
      undefined,
    ],
    [
      "a cluster without a server",
      { context: "empty" },
      "usage",
      'error: no server found for cluster "nowhere"',
      undefined,
    ],
    [
      "an extra without a value",
      { as: "me", asUserExtra: ["scopes"] },
      "usage",
      'error: invalid --as-user-extra "scopes": expected KEY=VALUE',
      undefined,
    ],
  ])("%s", (_, options, kind, line, hint) => {
    expect(() => select(options)).toThrow(expect.objectContaining({ kind, line, hint }));
  });

  test("a current-context that does not exist", () => {
    const kubeconfig = parseKubeconfig("current-context: zz", "f", (path) => path);
    expect(() => selectContext(kubeconfig, {})).toThrow(
      expect.objectContaining({
        kind: "not-found",
        line: "Error in configuration: context was not found for specified context: zz",
        hint: "the kubeconfig names none; check KUBECONFIG and --kubeconfig",
      }),
    );
  });

  test("but --server makes up for a cluster that does not exist", () => {
    expect(select({ context: "lost", server: "https://here" }).cluster.server).toBe("https://here");
  });
});
