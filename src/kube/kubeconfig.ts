/**
 * A kubeconfig as kev works with it: the API's fields (client-go tools/clientcmd/api/v1/types.go) in camel case, maps
 * instead of named lists, PEM instead of base64. As in Go, what is not set is empty.
 */
export interface Kubeconfig {
  readonly currentContext: string;
  readonly clusters: ReadonlyMap<string, KubeconfigCluster>;
  readonly users: ReadonlyMap<string, KubeconfigUser>;
  readonly contexts: ReadonlyMap<string, KubeconfigContext>;
}

export interface KubeconfigCluster {
  /** URL, or `host:port`, which means http. */
  readonly server: string;
  readonly tlsServerName: string;
  readonly insecureSkipTlsVerify: boolean;
  /** Path. */
  readonly certificateAuthority: string;
  /** PEM. */
  readonly certificateAuthorityData: string;
  /** `http:`, `https:` or `socks5:`; counts before the proxies of the environment. */
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** The extension `client.authentication.k8s.io/exec`, handed to plug-ins that ask for the cluster. */
  readonly execExtension: unknown;
}

export interface KubeconfigUser {
  /** Path. */
  readonly clientCertificate: string;
  /** PEM. */
  readonly clientCertificateData: string;
  /** Path. */
  readonly clientKey: string;
  /** PEM. */
  readonly clientKeyData: string;
  readonly token: string;
  /** Path; read again every minute, and beats `token`. */
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly as: string;
  readonly asUid: string;
  readonly asGroups: readonly string[];
  readonly asUserExtra: Readonly<Record<string, readonly string[]>>;
  /** The built-in auth provider, which current Kubernetes has only for OIDC. */
  readonly authProvider: AuthProvider | undefined;
  readonly exec: ExecPlugin | undefined;
}

export interface AuthProvider {
  readonly name: string;
  /** Its own settings, tokens among them. */
  readonly config: Readonly<Record<string, string>>;
  /** The kubeconfig that it stands in, where renewed tokens are kept; empty: nowhere. */
  readonly file: string;
}

/** A client-go credential plug-in: a program that prints an ExecCredential. */
export interface ExecPlugin {
  readonly apiVersion: string;
  /** A name on PATH, or a path. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
  /** `Never`, `IfAvailable` or `Always`; anything else is refused later. */
  readonly interactiveMode: string;
}

export interface KubeconfigContext {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
}

export const emptyKubeconfig: Kubeconfig = {
  currentContext: "",
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
};

export const emptyCluster: KubeconfigCluster = {
  server: "",
  tlsServerName: "",
  insecureSkipTlsVerify: false,
  certificateAuthority: "",
  certificateAuthorityData: "",
  proxyUrl: "",
  disableCompression: false,
  execExtension: undefined,
};

export const emptyUser: KubeconfigUser = {
  clientCertificate: "",
  clientCertificateData: "",
  clientKey: "",
  clientKeyData: "",
  token: "",
  tokenFile: "",
  username: "",
  password: "",
  as: "",
  asUid: "",
  asGroups: [],
  asUserExtra: {},
  authProvider: undefined,
  exec: undefined,
};

export const emptyContext: KubeconfigContext = { cluster: "", user: "", namespace: "" };

/** Several kubeconfigs as one: the first that has a name, or a current context, wins it whole. */
export function mergeKubeconfigs(kubeconfigs: readonly Kubeconfig[]): Kubeconfig {
  // Later entries of a Map's constructor win, so the first file comes last.
  const reversed = kubeconfigs.toReversed();
  return {
    currentContext: kubeconfigs.find((kubeconfig) => kubeconfig.currentContext !== "")?.currentContext ?? "",
    clusters: new Map(reversed.flatMap((kubeconfig) => [...kubeconfig.clusters])),
    users: new Map(reversed.flatMap((kubeconfig) => [...kubeconfig.users])),
    contexts: new Map(reversed.flatMap((kubeconfig) => [...kubeconfig.contexts])),
  };
}
