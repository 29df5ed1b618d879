import type { KubeConfig } from "@kubernetes/client-node";

/** One request as `-v` shows it: what was asked, and what came of it. Holds no header and no credential. */
export interface RequestReport {
  method: string;
  /** Path and query on the server. */
  path: string;
  /** HTTP status; absent when there was no answer. */
  status?: number;
  /** What went wrong when there was no answer. */
  error?: string;
  milliseconds: number;
}

/** kubectl's connection flags, with kubectl's meanings. Empty text counts as not given. */
export interface ConnectOptions {
  /** Path of the one kubeconfig to read; it must exist. Default: `$KUBECONFIG`, else `~/.kube/config`. */
  kubeconfig?: string | undefined;
  context?: string | undefined;
  cluster?: string | undefined;
  user?: string | undefined;
  /** Given means enforced: see `Connection.namespaceEnforced`. */
  namespace?: string | undefined;
  /** URL or `host:port`. Clears the kubeconfig's tls-server-name. */
  server?: string | undefined;
  /** Bearer token. As in kubectl, a `tokenFile` of the chosen user still beats it. */
  token?: string | undefined;
  /** User to impersonate. */
  as?: string | undefined;
  asGroups?: readonly string[] | undefined;
  asUid?: string | undefined;
  /** `KEY=VALUE` each; a key may come several times. */
  asUserExtra?: readonly string[] | undefined;
  /** Go duration (`1s`, `2m`) or seconds, for each whole request but watches; `0` is no limit. Default `90s`. */
  requestTimeout?: string | undefined;
  insecureSkipTlsVerify?: boolean | undefined;
  /** Path of a PEM file; the kubeconfig's own CA no longer counts. */
  certificateAuthority?: string | undefined;
  /** Path of a PEM file. */
  clientCertificate?: string | undefined;
  /** Path of a PEM file. */
  clientKey?: string | undefined;
  tlsServerName?: string | undefined;
  /** True asks for answers without gzip. */
  disableCompression?: boolean | undefined;
  /** Default `kev/VERSION (os/arch)`. */
  userAgent?: string | undefined;
  /**
   * The caller's own configuration instead of kubeconfig files. The other options still apply on top. Its auth providers
   * and custom authenticators are asked before every request.
   */
  kubeConfig?: KubeConfig | undefined;
  /** Default `process.env`. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Default the user's home. */
  homeDir?: string | undefined;
  /** Where a pod finds its token, `ca.crt` and `namespace`. Default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  serviceAccountDir?: string | undefined;
  /** The text of each `Warning:` header with code 299, unescaped and undeduplicated. */
  onWarning?: ((text: string) => void) | undefined;
  onRequest?: ((report: RequestReport) => void) | undefined;
  /** What a credential plug-in writes to its stderr. Default: passed on to this process' stderr. */
  onPluginOutput?: ((text: string) => void) | undefined;
  /** Whether a credential plug-in may ask questions on stdin. Default: stdin is a terminal. */
  stdinIsTTY?: boolean | undefined;
  /** What else reads stdin, so that no plug-in may: `used by …`, which is part of the error. Read when one is to be run. */
  stdinUsedBy?: string | undefined;
  /** Ends every request of the connection, and a credential plug-in that runs. */
  signal?: AbortSignal | undefined;
}
