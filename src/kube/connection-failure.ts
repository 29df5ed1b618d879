import { STATUS_CODES } from "node:http";
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
  const code = errorCode(cause);
  const message = errorMessage(cause);
  const { server, proxy } = target;
  if (code === "ECONNREFUSED") {
    const text = `The connection to the server ${server.host} was refused - did you specify the right host or port?`;
    const hint = proxy ? `nothing listens at the proxy ${proxy.host}` : target.hint;
    return new UnreachableError("refused", text, { hint, cause });
  }
  const dial = dialFailures[code];
  if (dial) return unreachable(dial[0], dialText(dial[1], server, proxy), { hint: dialHint(proxy, target), cause });
  const proxyStatus = /^Bad response: (\d{3})$/.exec(message)?.[1];
  if (proxy && proxyStatus) {
    const text = STATUS_CODES[proxyStatus] ?? `HTTP ${proxyStatus}`;
    return unreachable("refused", text, { hint: `the proxy ${proxy.host} answered HTTP ${proxyStatus}`, cause });
  }
  const tls = tlsFailure(cause, server);
  if (tls) return tls;
  if (code.startsWith("HPE_"))
    return unreachable("tls", "malformed HTTP response", { hint: otherScheme(server), cause });
  if (message === "socket hang up" || code === "EPIPE") return unreachable("cut", "EOF", { cause });
  if (code === "ECONNRESET") return unreachable("cut", "read: connection reset by peer", { cause });
  return unreachable("cut", message, { cause });
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
