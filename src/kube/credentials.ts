import { basicCredentials } from "../util/basic-login.ts";
import { KevError } from "../util/errors.ts";
import type { AuthConfig, BasicCredentials, ClientConfig, NamedAuthProvider } from "./client-config.ts";
import type { ExecCredential } from "./exec-credential.ts";
import { tokenFile } from "./token-file.ts";

/** What one request is sent with. Secret; the same object as long as it is the same credential. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  /** A client certificate beyond the kubeconfig's own. PEM both. */
  readonly certificate?: { readonly certificate: string; readonly key: string } | undefined;
}

/** Where the credentials of a connection come from. Both functions may be called by many requests at once. */
export interface Credentials {
  /** At once where nothing has to be asked for them. @throws KevError (refused) when there are none to be had */
  current(): Credential | Promise<Credential>;
  /** After a 401: true when there is another credential than `used` to try. */
  renew(used: Credential): Promise<boolean>;
}

export interface CredentialSurroundings {
  /** Milliseconds since 1970. */
  now: () => number;
  runPlugin: () => Promise<ExecCredential>;
  /** A token of the OpenID Connect auth provider that is valid now. */
  idToken: () => Promise<string>;
}

const nothing: Credential = { headers: {} };

/**
 * Credentials in kubectl's order: those of the URL, token (file before text), name and password, then the auth provider's
 * token, and the exec plug-in only when there is none of these and no client certificate.
 *
 * @throws KevError (refused) for an auth provider that does not exist (any more), unless a token or password stands beside it
 */
export function createCredentials(config: ClientConfig, surroundings: CredentialSurroundings): Credentials {
  const { auth, tls, urlCredentials } = config;
  if (auth.authProvider && !hasOwn(auth)) checkAuthProvider(auth.authProvider);
  if (urlCredentials) return fixed(basic(urlCredentials));
  if (auth.tokenFile) return fromTokenFile(auth.tokenFile, auth.token, surroundings.now);
  if (auth.token) return fixed({ headers: { Authorization: `Bearer ${auth.token}` } });
  if (auth.basic) return fixed(basic(auth.basic));
  if (auth.authProvider) return { current: bearer(surroundings.idToken), renew: async () => false };
  if (auth.exec && !tls.certificate) return fromPlugin(surroundings);
  return fixed(nothing);
}

/** Whether `createCredentials` would run the exec plug-in of `auth`. */
export function usesPlugin({ auth, tls, urlCredentials }: ClientConfig): boolean {
  return auth.exec !== undefined && !urlCredentials && !hasOwn(auth) && !tls.certificate;
}

function hasOwn({ token, tokenFile, basic }: AuthConfig): boolean {
  return token !== "" || tokenFile !== "" || basic !== undefined;
}

function fixed(credential: Credential): Credentials {
  return { current: () => credential, renew: async () => false };
}

function basic({ username, password }: BasicCredentials): Credential {
  return { headers: { Authorization: `Basic ${basicCredentials(username, password)}` } };
}

function fromTokenFile(path: string, fallback: string, now: () => number): Credentials {
  const file = tokenFile(path, now);
  const current = bearer(() =>
    file.read().catch((error: unknown) => {
      if (fallback) return fallback;
      throw error;
    }),
  );
  return {
    current,
    async renew(used) {
      file.expire();
      return (await current()) !== used;
    },
  };
}

function fromPlugin({ now, runPlugin }: CredentialSurroundings): Credentials {
  let latest: { credential: Credential; expires: number | undefined } | undefined;
  let running: Promise<Credential> | undefined;
  // One run for all who wait: a plug-in may ask a person.
  const run = (): Promise<Credential> => {
    running ??= runPlugin()
      .then((answer) => {
        latest = { credential: fromAnswer(answer), expires: answer.expires };
        return latest.credential;
      })
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return {
    async current() {
      if (latest && (latest.expires === undefined || now() <= latest.expires)) return latest.credential;
      return run();
    },
    async renew(used) {
      if (latest && latest.credential !== used) return true;
      await run();
      return true;
    },
  };
}

function fromAnswer({ token, certificate, key }: ExecCredential): Credential {
  return {
    headers: token ? { Authorization: `Bearer ${token}` } : {},
    ...(certificate ? { certificate: { certificate, key } } : {}),
  };
}

/** The same credential as long as the token is the same. */
function bearer(token: () => Promise<string>): () => Promise<Credential> {
  let credential = nothing;
  return async () => {
    const header = `Bearer ${await token()}`;
    if (credential.headers.Authorization !== header) credential = { headers: { Authorization: header } };
    return credential;
  };
}

const pluginHelp =
  "https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins";
// client-go's texts: plugin/pkg/client/auth/gcp and azure.
const removed: Readonly<Record<string, string>> = {
  gcp: `The gcp auth plugin has been removed.
Please use the "gke-gcloud-auth-plugin" kubectl/client-go credential plugin instead.
See https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke for further details`,
  azure: `The azure auth plugin has been removed.
Please use the https://github.com/Azure/kubelogin kubectl/client-go credential plugin instead.
See ${pluginHelp} for further details`,
};

function checkAuthProvider({ name, config }: NamedAuthProvider): void {
  const why = removed[name];
  if (why) throw new KevError("refused", why);
  if (name !== "oidc") {
    throw new KevError("refused", `no Auth Provider found for name "${name}"`, {
      hint: "use a client-go credential plug-in (users[].user.exec in the kubeconfig), or pass --token",
    });
  }
  const missing = ["idp-issuer-url", "client-id"].find((key) => !config[key]);
  if (missing)
    throw new KevError("refused", `Must provide ${missing}`, { hint: `it belongs to the auth provider "oidc"` });
}
