import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { recordOf } from "../util/is-record.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { type AuthProvider, emptyCluster, emptyUser, type Kubeconfig } from "./kubeconfig.ts";
import { readExecPlugin } from "./parse-kubeconfig.ts";
import { fieldsOf } from "./yaml-fields.ts";

/** A caller's client-node KubeConfig as the value that kubeconfig files are read to. */
export function fromCallerConfig(config: KubeConfig): Kubeconfig {
  return {
    currentContext: config.getCurrentContext() ?? "",
    clusters: new Map(
      config.getClusters().map((cluster) => [
        cluster.name,
        {
          ...emptyCluster,
          server: cluster.server,
          tlsServerName: cluster.tlsServerName ?? "",
          insecureSkipTlsVerify: cluster.skipTLSVerify ?? false,
          certificateAuthority: cluster.caData ? "" : (cluster.caFile ?? ""),
          certificateAuthorityData: decode(cluster.caData),
          proxyUrl: cluster.proxyUrl ?? "",
        },
      ]),
    ),
    users: new Map(
      config.getUsers().map((user) => [
        user.name,
        {
          ...emptyUser,
          clientCertificate: user.certData ? "" : (user.certFile ?? ""),
          clientCertificateData: decode(user.certData),
          clientKey: user.keyData ? "" : (user.keyFile ?? ""),
          clientKeyData: decode(user.keyData),
          token: user.token ?? "",
          tokenFile: tokenFileOf(user.authProvider),
          username: user.username ?? "",
          password: user.password ?? "",
          authProvider: providerOf(user.authProvider),
          as: user.impersonateUser ?? "",
          exec: user.exec ? readExecPlugin(fieldsOf(user.exec, `user "${user.name}"`), (path) => path) : undefined,
        },
      ]),
    ),
    contexts: new Map(
      config.getContexts().map(({ name, cluster, user, namespace = "" }) => [name, { cluster, user, namespace }]),
    ),
  };
}

/** True when only client-node itself can get the credentials: an auth provider, or an authenticator of the caller's. */
export function needsCallerCredentials(config: KubeConfig): boolean {
  const { authProvider } = config.getCurrentUser() ?? {};
  const own: unknown = Object.getOwnPropertyDescriptor(config, "custom_authenticators")?.value;
  return authProviderOf(authProvider) !== "" || (Array.isArray(own) && own.length > 0);
}

/** Asks the caller's KubeConfig before every request; it caches and renews by itself. */
export function callerCredentials(config: KubeConfig): Credentials {
  return {
    async current(): Promise<Credential> {
      const options: RequestOptions = { headers: {} };
      await config.applyToHTTPSOptions(options);
      const headers = Object.fromEntries(
        Object.entries(options.headers ?? {}).flatMap(([name, value]) =>
          // kev sets impersonation itself.
          value === undefined || /^impersonate-/i.test(name) ? [] : [[name, String(value)]],
        ),
      );
      if (options.auth && !headers.Authorization) {
        headers.Authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
      }
      const { cert, key } = options;
      return { headers, ...(cert && key ? { certificate: { certificate: String(cert), key: String(key) } } : {}) };
    },
    renew: async () => false,
  };
}

function decode(data: string | undefined): string {
  return data ? Buffer.from(data, "base64").toString() : "";
}

// client-node says "auth provider" for the token file of a pod.
function tokenFileOf(authProvider: unknown): string {
  const { name, config } = recordOf(authProvider);
  const { tokenFile } = recordOf(config);
  return name === "tokenFile" && typeof tokenFile === "string" ? tokenFile : "";
}

function providerOf(authProvider: unknown): AuthProvider | undefined {
  const name = authProviderOf(authProvider);
  return name === "" ? undefined : { name, config: {}, file: "" };
}

function authProviderOf(authProvider: unknown): string {
  const { name } = recordOf(authProvider);
  return typeof name === "string" && tokenFileOf(authProvider) === "" ? name : "";
}
