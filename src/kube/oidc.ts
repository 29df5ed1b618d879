import { setTimeout as sleep } from "node:timers/promises";
import { KevError } from "../util/errors.ts";
import { errorMessage } from "../util/file-error.ts";
import { recordOf } from "../util/is-record.ts";
import type { NamedAuthProvider } from "./client-config.ts";
import { type RenewedTokens, refreshIdToken, refused } from "./oidc-refresh.ts";
import { readProviderConfig, saveProviderConfig } from "./saved-provider.ts";
import { UnreachableError } from "./unreachable-error.ts";

export interface OidcSurroundings {
  env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now: () => number;
  signal?: AbortSignal | undefined;
}

type Config = NamedAuthProvider["config"];

// client-go's, against clocks that differ.
const leeway = 10_000;
/** Milliseconds in which another program writes what the issuer has answered. */
const pause = 300;

/**
 * The ID token of the auth provider `oidc` (client-go plugin/pkg/client/auth/oidc/oidc.go): the kubeconfig's while it is
 * valid, else a new one by its refresh token, and that is written into the kubeconfig, since issuers take a refresh token
 * once. Unlike client-go it first looks whether another program has done so meanwhile.
 *
 * @returns asks at most once at a time. Throws KevError (refused, or unreachable where the issuer does not answer)
 */
export function oidcTokens(provider: NamedAuthProvider, surroundings: OidcSurroundings): () => Promise<string> {
  let { config } = provider;
  let refreshing: Promise<string> | undefined;
  const validToken = (): string | undefined => {
    const token = config["id-token"];
    return token && surroundings.now() + leeway < expiryOf(token) ? token : undefined;
  };
  const refresh = async (): Promise<string> => {
    config = (await readProviderConfig(provider)) ?? config;
    const token = validToken();
    if (token) return token;
    if (!config["refresh-token"]) throw refused("No valid id-token, and cannot refresh without refresh-token");
    const renewed = await renew(config, surroundings).catch(async (error: unknown) => {
      // Issuers take a refresh token once: another program may have been faster, and not have written yet what it got.
      if (!(error instanceof KevError && error.kind === "refused")) throw error;
      await sleep(pause);
      config = (await readProviderConfig(provider)) ?? config;
      if (validToken() === undefined) throw error;
      return undefined;
    });
    if (renewed === undefined) return config["id-token"] ?? "";
    const next = { ...config, ...renewed };
    await saveProviderConfig(provider, renewed).catch((error: unknown) => {
      throw refused(`could not persist new tokens: ${errorMessage(error)}`, error);
    });
    config = next;
    return renewed["id-token"];
  };
  return async () => {
    const token = validToken();
    if (token) return token;
    refreshing ??= refresh().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };
}

async function renew(config: Config, surroundings: OidcSurroundings): Promise<RenewedTokens> {
  try {
    return await refreshIdToken(config, surroundings);
  } catch (error) {
    if (error instanceof UnreachableError) error.hint ??= "it is the OpenID Connect issuer of the kubeconfig's user";
    throw error;
  }
}

/** Milliseconds since 1970. */
function expiryOf(token: string): number {
  const [, payload, ...rest] = token.split(".");
  if (payload === undefined || rest.length !== 1) throw refused("ID Token is not a valid JWT");
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  } catch {
    // Without the cause, which quotes the token.
    throw refused("parsing claims: the ID token's payload is not JSON");
  }
  const { exp } = recordOf(claims);
  return typeof exp === "number" ? Math.trunc(exp) * 1_000 : Number.NEGATIVE_INFINITY;
}
