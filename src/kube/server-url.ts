import { usageError } from "../util/errors.ts";
import { parseUrl } from "../util/parse-url.ts";
import type { BasicCredentials } from "./client-config.ts";

export interface ServerUrl {
  /** Scheme, host, port and path prefix; no credentials, query or trailing slash. */
  readonly server: string;
  readonly credentials: BasicCredentials | undefined;
}

/**
 * Reads a server address as client-go does (rest/url_utils.go): a URL, or `host:port`, which means http.
 *
 * @throws KevError (usage); the text never holds a password
 */
export function parseServerUrl(address: string): ServerUrl {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\/./i.exec(address) ?? [];
  const url = parseUrl(scheme === undefined ? `http://${address}` : address);
  if (url === undefined || (scheme === undefined && url.pathname !== "/")) {
    throw usageError(`host must be a URL or a host:port pair: "${withoutCredentials(address)}"`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw usageError(`unsupported protocol scheme "${url.protocol.slice(0, -1)}"`, {
      prefix: "Unable to connect to the server: ",
      hint: "the server's address starts with https:// or http://",
    });
  }
  const credentials =
    url.username || url.password ? { username: decode(url.username), password: decode(url.password) } : undefined;
  return { server: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, "")}`, credentials };
}

/** `address` with `user:password@` cut out; also for text that is no valid URL. */
export function withoutCredentials(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
