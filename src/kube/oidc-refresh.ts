import { text } from "node:stream/consumers";
import { basicCredentials } from "../util/basic-login.ts";
import { KevError } from "../util/errors.ts";
import { recordOf } from "../util/is-record.ts";
import { parseUrl } from "../util/parse-url.ts";
import { createAgent } from "./agent.ts";
import { type PemSource, plainTls } from "./client-config.ts";
import { bodyFailure } from "./connection-failure.ts";
import { addressOf, exchange } from "./exchange.ts";
import type { OidcSurroundings } from "./oidc.ts";
import { proxyFor } from "./proxy.ts";
import { tlsMaterialReader } from "./tls-material.ts";

type Config = Readonly<Record<string, string>>;

/** By their names in the kubeconfig. The refresh token is only there when the issuer has sent another one. */
export interface RenewedTokens extends Readonly<Record<string, string>> {
  "id-token": string;
}

interface Answer {
  status: number;
  statusText: string;
  body: string;
}

/** Milliseconds; client-go has no limit. */
const timeout = 30_000;

/**
 * A new ID token from the issuer: OpenID Connect Discovery for the token endpoint, then OAuth 2's refresh (RFC 6749 §6), the
 * client's id and secret first in the header and, where that is refused, in the body, as Go's oauth2 package tries them.
 *
 * @throws KevError (refused) with client-go's texts, UnreachableError
 */
export async function refreshIdToken(config: Config, surroundings: OidcSurroundings): Promise<RenewedTokens> {
  const refreshToken = config["refresh-token"] ?? "";
  const send = issuerClient(config, surroundings);
  const endpoint = await tokenEndpoint(config["idp-issuer-url"] ?? "", send);
  const id = config["client-id"] ?? "";
  const secret = config["client-secret"] ?? "";
  const form = { grant_type: "refresh_token", refresh_token: refreshToken };
  const basic = basicCredentials(encodeURIComponent(id), encodeURIComponent(secret));
  let answer = await send("POST", endpoint, { form, authorization: `Basic ${basic}` });
  if (!isSuccess(answer)) {
    const inBody = { ...form, client_id: id, ...(secret ? { client_secret: secret } : {}) };
    answer = await send("POST", endpoint, { form: inBody });
  }
  if (!isSuccess(answer)) throw refused(`failed to refresh token: ${oauthFailure(answer)}`);
  const { id_token: idToken, refresh_token: next } = objectOf(answer.body) ?? {};
  if (typeof idToken !== "string" || idToken === "") {
    throw refused(
      'token response did not contain an id_token, either the scope "openid" wasn\'t requested upon login, ' +
        "or the provider doesn't support id_tokens as part of the refresh response",
    );
  }
  const rotated = typeof next === "string" && next !== "" && next !== refreshToken;
  return { "id-token": idToken, ...(rotated ? { "refresh-token": next } : {}) };
}

type Send = (
  method: "GET" | "POST",
  url: string,
  content?: { form: Record<string, string>; authorization?: string },
) => Promise<Answer>;

function issuerClient(config: Config, { env, now, signal }: OidcSurroundings): Send {
  const material = tlsMaterialReader({ ...plainTls, authority: authorityOf(config) }, now, env);
  return async (method, address, content) => {
    const server = parseUrl(address);
    if (server === undefined || !/^https?:$/.test(server.protocol)) {
      throw refused(`oidc: "${address.split("?")[0]}" is not an https or http URL`);
    }
    const proxy = proxyFor(server, "", env);
    const agent = await createAgent(server, proxy, plainTls, await material());
    const body = content && String(new URLSearchParams(content.form));
    const headers: Record<string, string> = { Accept: "application/json" };
    if (body) headers["Content-Type"] = "application/x-www-form-urlencoded";
    if (body) headers["Content-Length"] = String(Buffer.byteLength(body));
    if (content?.authorization) headers.Authorization = content.authorization;
    const path = server.pathname + server.search;
    const signals = signal ? [signal] : [];
    try {
      const answer = await exchange({
        target: { server, proxy },
        address: addressOf(server),
        agent,
        method,
        path,
        headers,
        body,
        timeout,
        signals,
      });
      const whole = await text(answer).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw bodyFailure(error);
      });
      return { status: answer.statusCode ?? 0, statusText: answer.statusMessage ?? "", body: whole };
    } finally {
      agent.destroy();
    }
  };
}

function authorityOf(config: Config): PemSource | undefined {
  const data = config["idp-certificate-authority-data"];
  if (data) return { pem: Buffer.from(data, "base64").toString() };
  const file = config["idp-certificate-authority"];
  return file ? { file } : undefined;
}

async function tokenEndpoint(issuer: string, send: Send): Promise<string> {
  const answer = await send("GET", `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (answer.status !== 200) {
    const { status, statusText, body } = answer;
    const start = body.length > 80 ? `${body.slice(0, 80)}...` : body;
    throw refused(`oidc: failed to query metadata endpoint ${status} ${statusText}: ${JSON.stringify(start)}`);
  }
  const metadata = objectOf(answer.body);
  if (metadata === undefined) throw refused("oidc: failed to decode provider discovery object: it is no JSON object");
  const { token_endpoint: endpoint } = metadata;
  if (typeof endpoint !== "string" || endpoint === "") {
    throw refused("oidc: discovery object doesn't contain a token_endpoint");
  }
  return endpoint;
}

function isSuccess({ status }: Answer): boolean {
  return status >= 200 && status <= 299;
}

// Go's oauth2.RetrieveError; a body that is no OAuth error is not quoted.
function oauthFailure({ status, statusText, body }: Answer): string {
  const { error, error_description: description } = objectOf(body) ?? {};
  if (typeof error !== "string" || error === "") return `oauth2: cannot fetch token: ${status} ${statusText}`;
  const more = typeof description === "string" && description !== "" ? ` ${JSON.stringify(description)}` : "";
  return `oauth2: ${JSON.stringify(error)}${more}`;
}

function objectOf(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? recordOf(value) : undefined;
  } catch {
    return undefined;
  }
}

/** In client-go's words, which come after those for any request that could not be sent. */
export function refused(message: string, cause?: unknown): KevError {
  return new KevError("refused", message, { prefix: "Unable to connect to the server: ", cause });
}
