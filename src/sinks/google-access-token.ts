import { sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { usageError } from "../util/errors.ts";
import { fileErrorText } from "../util/file-error.ts";
import { recordOf } from "../util/is-record.ts";
import { parseUrl } from "../util/parse-url.ts";
import { answerObject } from "./answer-object.ts";
import { createHttpClient, type HttpClient, type HttpRequest } from "./http.ts";
import { SendError } from "./send-error.ts";
import type { SinkServices } from "./sink.ts";

// Key of a service account: https://developers.google.com/identity/protocols/oauth2/service-account#httprest
// Metadata server, GKE's workload identity too: https://cloud.google.com/compute/docs/access/authenticate-workloads
//
// By hand, for it is little: Google's own library brings its own HTTP client with it, past kev's proxies, certificates and
// bounds.

/** Tokens for one account. */
export interface AccessTokens {
  /** One that is still good for a while. @throws SendError, always retriable: nothing is wrong with the events */
  token(signal: AbortSignal): Promise<string>;
  /** This one was not accepted: the next call gets another. */
  reject(token: string): void;
  /** The newest and the one before it, which must not be shown. */
  given(): readonly string[];
  close(): void;
}

export interface AccessTokenOptions {
  /** JSON of a service account's key; without it the metadata server is asked. */
  readonly keyFile: string | undefined;
  /** Where keys are exchanged for tokens; the key file's own address where undefined. */
  readonly tokenUrl: URL | undefined;
  /** Origin of the metadata server. */
  readonly metadataUrl: URL | undefined;
  readonly scope: string;
}

type Services = Pick<SinkServices, "env" | "clock" | "cwd">;

/** Milliseconds before its end at which a token is replaced. The metadata server has a new one from four minutes before. */
const renewBefore = 225_000;
const lifetime = 3_600;

/** @throws KevError (usage) for a key file that cannot be read, or is no service account's */
export async function createAccessTokens(options: AccessTokenOptions, services: Services): Promise<AccessTokens> {
  const { client, request } =
    options.keyFile === undefined
      ? await fromMetadata(options, services)
      : await fromKey(options, options.keyFile, services);
  const now = (): number => services.clock.now().getTime();
  let known: { token: string; goodUntil: number } | undefined;
  let given: readonly string[] = [];

  async function fetchToken(signal: AbortSignal): Promise<string> {
    const asked = request(now());
    let answer: Awaited<ReturnType<HttpClient["send"]>>;
    try {
      answer = await client.send(asked, signal);
    } catch (error) {
      if (!(error instanceof SendError)) throw error;
      const { message, retryAfter, cause } = error;
      throw new SendError(`no access token: ${message}`, { retriable: true, retryAfter, cause });
    }
    const { access_token: token, expires_in: seconds } = answerObject(answer) ?? {};
    if (typeof token !== "string" || token === "" || typeof seconds !== "number") {
      throw new SendError(`no access token: ${asked.url.origin} answered without one`, { retriable: true });
    }
    known = { token, goodUntil: now() + seconds * 1_000 };
    given = [token, ...given].slice(0, 2);
    return token;
  }

  return {
    token: async (signal) => {
      if (known !== undefined && known.goodUntil - now() > renewBefore) return known.token;
      return await fetchToken(signal);
    },
    reject: (token) => {
      if (known?.token === token) known = undefined;
    },
    given: () => given,
    close: () => client.close(),
  };
}

interface Source {
  readonly client: HttpClient;
  request(now: number): HttpRequest;
}

async function fromMetadata({ metadataUrl, scope }: AccessTokenOptions, services: Services): Promise<Source> {
  const origin = metadataUrl ?? new URL(`http://${services.env.GCE_METADATA_HOST || "metadata.google.internal"}`);
  const url = new URL("/computeMetadata/v1/instance/service-accounts/default/token", origin);
  url.searchParams.set("scopes", scope);
  // It is the machine's own, and no proxy reaches it.
  const client = await createHttpClient({ url }, { ...services, env: {} });
  const request = { method: "GET", url, headers: { "Metadata-Flavor": "Google" }, body: "" };
  return { client, request: () => request };
}

async function fromKey({ tokenUrl, scope }: AccessTokenOptions, keyFile: string, services: Services): Promise<Source> {
  const { email, keyId, key, tokenUri } = await readKey(resolve(services.cwd, keyFile));
  const url = tokenUrl ?? tokenAddress(tokenUri, keyFile);
  const client = await createHttpClient({ url, secrets: [key] }, services);
  const header = base64url({ alg: "RS256", typ: "JWT", kid: keyId });

  function request(now: number): HttpRequest {
    const issuedAt = Math.floor(now / 1_000);
    const claims = base64url({ iss: email, scope, aud: tokenUri, iat: issuedAt, exp: issuedAt + lifetime });
    const signature = sign("RSA-SHA256", Buffer.from(`${header}.${claims}`), key).toString("base64url");
    return {
      method: "POST",
      url,
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion: `${header}.${claims}.${signature}`,
      }).toString(),
    };
  }
  try {
    request(0);
  } catch (cause) {
    throw usageError(`${keyFile}: its private_key cannot be used`, { cause });
  }
  return { client, request };
}

function tokenAddress(tokenUri: string, keyFile: string): URL {
  const url = parseUrl(tokenUri);
  if (url?.protocol === "https:") return url;
  throw usageError(`${keyFile}: its token_uri is no https:// URL`);
}

async function readKey(file: string) {
  const {
    type,
    client_email: email,
    private_key_id: keyId,
    private_key: key,
    token_uri: tokenUri,
  } = await readJson(file);
  if (type !== "service_account" || typeof email !== "string" || typeof key !== "string") {
    throw usageError(`${file} is no key of a service account`, {
      hint: `its type is ${JSON.stringify(type)}; kev takes "service_account", or without keyFile what the metadata server gives`,
    });
  }
  return {
    email,
    keyId: typeof keyId === "string" ? keyId : undefined,
    key,
    tokenUri: typeof tokenUri === "string" ? tokenUri : "https://oauth2.googleapis.com/token",
  };
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    throw usageError(fileErrorText("open", file, cause), { cause });
  }
  try {
    return recordOf(JSON.parse(text));
  } catch {
    // Without the parser's words: they quote the file, which holds a key.
    throw usageError(`${file} is not JSON`);
  }
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
