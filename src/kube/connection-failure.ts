import { isIP } from "node:net";
import { KevError } from "../util/errors.ts";
import { errorCode, errorMessage } from "../util/file-error.ts";
import { hostOf } from "./proxy.ts";
import { tlsFailure } from "./tls-failure.ts";
import { UnreachableError, type UnreachableReason } from "./unreachable-error.ts";

export interface FailedTarget {
  /** The server as configured. */
  readonly server: URL;
  /** The proxy in between. */
  readonly proxy: URL | undefined;
  /** Whether the proxy had already led to the server. */
  readonly hasTunnel?: boolean;
  /** What to do when nothing listens there. */
  readonly hint?: string | undefined;
}

const dialFailures: Readonly<Record<string, [UnreachableReason, string]>> = {
  // No answer from the resolver may pass, unlike its answer that there is no such host.
  EAI_AGAIN: ["refused", "lookup HOST: Temporary failure in name resolution"],
  ENOTFOUND: ["name", "lookup HOST: no such host"],
  EHOSTUNREACH: ["refused", "ADDRESS: connect: no route to host"],
  ENETUNREACH: ["refused", "ADDRESS: connect: network is unreachable"],
  EADDRNOTAVAIL: ["refused", "ADDRESS: connect: cannot assign requested address"],
  ECONNABORTED: ["refused", "ADDRESS: connect: software caused connection abort"],
  ETIMEDOUT: ["timeout", "ADDRESS: i/o timeout"],
};

/** kubectl's line for a request that got no answer; Go's words for what Node reports. */
export function connectionFailure(error: unknown, target: FailedTarget): KevError {
  if (error instanceof KevError) return error;
  const cause = firstOf(error);
  const message = errorMessage(cause);
  const { server, proxy } = target;
  // What comes through the package socks has its code in the text only.
  const code = errorCode(cause) || (proxy && /\b(E[A-Z_]{4,})\b/.exec(message)?.[1]) || "";
  if (code === "ECONNREFUSED" || (proxy && /Socks5.* - ConnectionRefused/.test(message))) {
    const text = `The connection to the server ${server.host} was refused - did you specify the right host or port?`;
    const hint = proxy ? `nothing listens at the proxy ${proxy.host}` : target.hint;
    return new UnreachableError("refused", text, { hint, cause });
  }
  const dial = dialFailures[code];
  if (dial) return unreachable(dial[0], dialText(dial[1], server, proxy), { hint: dialHint(proxy, target), cause });
  const socks = proxy && socksFailure(message, server, proxy);
  if (socks) return socks;
  if (proxy?.protocol === "https:" && !target.hasTunnel) {
    const tls = tlsFailure(cause, proxy);
    const text = tls?.message.replace(/^.*?: /, "Unable to connect to the server: proxyconnect tcp: ");
    if (text)
      return new UnreachableError("tls", text, { hint: `it is the certificate of the proxy ${proxy.host}`, cause });
  }
  const tls = tlsFailure(cause, server);
  if (tls) return tls;
  if (code.startsWith("HPE_"))
    return unreachable("tls", "malformed HTTP response", { hint: otherScheme(server), cause });
  if (message === "socket hang up" || code === "EPIPE") return unreachable("cut", "EOF", { cause });
  if (code === "ECONNRESET") return unreachable("cut", "read: connection reset by peer", { cause });
  return unreachable("cut", message, { cause });
}

/** The proxy answered CONNECT with another status than 200. */
export function proxyRefusal(status: number, reason: string, { proxy }: FailedTarget): UnreachableError {
  return unreachable("refused", reason || "unknown status code", {
    hint: `the proxy ${proxy?.host ?? ""} answered HTTP ${status}`,
  });
}

// The package socks has words of its own for what RFC 1928 and 1929 know by numbers; these are Go's.
const socksFailures: readonly (readonly [RegExp, string])[] = [
  [/authentication failed/i, "username/password authentication failed"],
  [/no accepted authentication type/i, "no acceptable authentication methods"],
  [/NotAllowed/, "unknown error connection not allowed by ruleset"],
  [/NetworkUnreachable/, "unknown error network unreachable"],
  [/HostUnreachable/, "unknown error host unreachable"],
  [/TTLExpired/, "unknown error TTL expired"],
  [/- Failure/, "unknown error general SOCKS server failure"],
];

function socksFailure(message: string, server: URL, proxy: URL): UnreachableError | undefined {
  if (!/Socks5|^Socket closed|^Proxy connection timed out/.test(message)) return undefined;
  const [, why = message] = socksFailures.find(([pattern]) => pattern.test(message)) ?? [];
  const from = `${hostOf(proxy)}:${proxy.port || 1080}`;
  const to = `${hostOf(server)}:${server.port || (server.protocol === "https:" ? 443 : 80)}`;
  return unreachable("refused", `socks connect tcp ${from}->${to}: ${why}`, {
    hint: `the proxy ${proxy.host} does not lead to the server`,
  });
}

/** An answer that ended before it was whole. */
export function bodyFailure(error: unknown): KevError {
  if (error instanceof KevError) return error;
  return unreachable("cut", "unexpected EOF", { cause: error });
}

/** `Unable to connect to the server: TEXT`. */
export function unreachable(
  reason: UnreachableReason,
  text: string,
  options: { hint?: string | undefined; cause?: unknown } = {},
): UnreachableError {
  return new UnreachableError(reason, `Unable to connect to the server: ${text}`, options);
}

function dialHint(proxy: URL | undefined, { hint }: FailedTarget): string | undefined {
  return proxy ? `the proxy ${proxy.host} could not be reached` : hint;
}

// A host with several addresses fails with an AggregateError; kubectl shows one of them.
function firstOf(error: unknown): unknown {
  const { errors } = typeof error === "object" && error !== null && "errors" in error ? error : {};
  return Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
}

function dialText(template: string, server: URL, proxy: URL | undefined): string {
  const host = hostOf(proxy ?? server);
  const port = (proxy ?? server).port || ((proxy ?? server).protocol === "https:" ? "443" : "80");
  const address = isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
  const text = template.replace("HOST", host).replace("ADDRESS", address);
  return `${proxy ? "proxyconnect tcp: " : ""}dial tcp${text.startsWith("lookup") ? ":" : ""} ${text}`;
}

function otherScheme(server: URL): string | undefined {
  return server.protocol === "http:" ? `if the server speaks TLS, its address is https://${server.host}` : undefined;
}
