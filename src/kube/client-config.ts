import type { AuthProvider, ExecPlugin } from "./kubeconfig.ts";

/** PEM text, or the file that holds it. Files are read again when they change. */
export type PemSource = { readonly pem: string } | { readonly file: string };

/** All that a transport needs to know: the answer to "which server, as whom". Holds secrets; never print it. */
export interface ClientConfig {
  /** `https://host:6443/prefix`: no credentials, query or trailing slash. */
  readonly server: string;
  /** Name and password that stood in the server's URL; they win over every other credential, as in kubectl. */
  readonly urlCredentials: BasicCredentials | undefined;
  /** Name of the chosen context; empty when there is none. */
  readonly contextName: string;
  readonly namespace: string;
  readonly namespaceEnforced: boolean;
  readonly tls: TlsConfig;
  readonly auth: AuthConfig;
  readonly impersonate: Impersonation | undefined;
  /** The proxy of the kubeconfig; empty leaves it to the environment. */
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** Milliseconds for one whole request; 0 is no limit. */
  readonly timeout: number;
  /** What to do when nothing answers there: set when the server was not chosen but is kubectl's last resort. */
  readonly unreachableHint: string | undefined;
  /** Why the server takes us for nobody; undefined when there are credentials, or when there need be none. */
  readonly anonymousHint: string | undefined;
}

/** Has no effect on http servers. */
export interface TlsConfig {
  readonly insecure: boolean;
  /** Name to ask for and to check the certificate against; empty is the server's host. */
  readonly serverName: string;
  /** The only authority trusted; undefined trusts those of Node. */
  readonly authority: PemSource | undefined;
  readonly certificate: ClientCertificate | undefined;
}

export interface ClientCertificate {
  readonly certificate: PemSource;
  readonly key: PemSource;
}

/** Empty on http servers: credentials are only sent over TLS. */
export interface AuthConfig {
  readonly token: string;
  readonly tokenFile: string;
  readonly basic: BasicCredentials | undefined;
  readonly exec: ExecConfig | undefined;
  readonly authProvider: NamedAuthProvider | undefined;
}

export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

export interface NamedAuthProvider extends AuthProvider {
  /** The user of the kubeconfig that it belongs to. */
  readonly user: string;
}

export interface ExecConfig {
  readonly plugin: ExecPlugin;
  /** The server's, as it is written in the kubeconfig. */
  readonly address: string;
  /** The cluster's extension for plug-ins, part of KUBERNETES_EXEC_INFO when the plug-in asks for the cluster. */
  readonly clusterExtension: unknown;
}

export interface Impersonation {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export const noAuth: AuthConfig = {
  token: "",
  tokenFile: "",
  basic: undefined,
  exec: undefined,
  authProvider: undefined,
};

export const plainTls: TlsConfig = { insecure: false, serverName: "", authority: undefined, certificate: undefined };
