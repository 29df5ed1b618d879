import { KevError } from "../util/errors.ts";
import type { AuthConfig, BasicCredentials, ClientConfig } from "./client-config.ts";
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
  /** @throws KevError (refused) when there are none to be had */
  current(): Promise<Credential>;
  /** After a 401: true when there is another credential than `used` to try. */
  renew(used: Credential): Promise<boolean>;
}

export interface CredentialSurroundings {
  /** Milliseconds since 1970. */
  now: () => number;
  runPlugin: () => Promise<ExecCredential>;
}

const nothing: Credential = { headers: {} };

/**
 * Credentials in kubectl's order: those of the URL, token (file before text), name and password, and the exec plug-in only
 * when there is none of these and no client certificate.
 *
 * @throws KevError (refused) for an auth provider, which kev does not run itself, unless a token or password stands beside it
 */
export function createCredentials(config: ClientConfig, surroundings: CredentialSurroundings): Credentials {
  const { auth, tls, urlCredentials } = config;
  if (auth.authProvider && !hasOwn(auth)) throw authProviderError(auth.authProvider);
  if (urlCredentials) return fixed(basic(urlCredentials));
  if (auth.tokenFile) return fromTokenFile(auth.tokenFile, auth.token, surroundings.now);
  if (auth.token) return fixed({ headers: { Authorization: `Bearer ${auth.token}` } });
  if (auth.basic) return fixed(basic(auth.basic));
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
  return { current: async () => credential, renew: async () => false };
}

function basic({ username, password }: BasicCredentials): Credential {
  return { headers: { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` } };
}

function fromTokenFile(path: string, fallback: string, now: () => number): Credentials {
  const file = tokenFile(path, now);
  let credential = nothing;
  const current = async (): Promise<Credential> => {
    const token = await file.read().catch((error: unknown) => {
      if (fallback) return fallback;
      throw error;
    });
    const header = `Bearer ${token}`;
    if (credential.headers.Authorization !== header) credential = { headers: { Authorization: header } };
    return credential;
  };
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

function authProviderError(name: string): KevError {
  const removed: Readonly<Record<string, string>> = { gcp: "gke-gcloud-auth-plugin", azure: "kubelogin" };
  const plugin = removed[name];
  if (plugin) {
    return new KevError("refused", `The ${name} auth plugin has been removed`, {
      hint: `use the "${plugin}" client-go credential plug-in instead (users[].user.exec in the kubeconfig)`,
    });
  }
  if (name === "oidc") {
    return new KevError("refused", 'the auth provider "oidc" of the kubeconfig is not supported', {
      hint: 'use the "kubelogin" client-go credential plug-in (users[].user.exec in the kubeconfig), or pass --token',
    });
  }
  return new KevError("refused", `no Auth Provider found for name "${name}"`, {
    hint: "use a client-go credential plug-in (users[].user.exec in the kubeconfig), or pass --token",
  });
}
