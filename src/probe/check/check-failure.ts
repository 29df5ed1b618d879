import { isIP } from "node:net";
import { errorCode, errorMessage } from "../../util/file-error.ts";
import { recordOf } from "../../util/is-record.ts";
import type { FailureReason } from "../target.ts";

/** Why a check failed, in words that may be shown. */
export class CheckFailure extends Error {
  readonly reason: FailureReason;
  /** What would have been good. */
  readonly wanted: string | undefined;

  constructor(reason: FailureReason, seen: string, options: { wanted?: string; cause?: unknown } = {}) {
    super(seen, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.wanted = options.wanted;
  }
}

const untrusted = "the certificate is signed by an authority that is not trusted";
const certificates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the certificate has expired",
  CERT_NOT_YET_VALID: "the certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_REVOKED: "the certificate is revoked",
  INVALID_PURPOSE: "the certificate is not one for servers",
};

const connecting: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused by ADDRESS",
  EHOSTUNREACH: "no route to ADDRESS",
  ENETUNREACH: "the network of ADDRESS is unreachable",
  EADDRNOTAVAIL: "no address of this machine to reach ADDRESS from",
  ETIMEDOUT: "ADDRESS does not answer",
};

// What OpenSSL makes of what the other side says; Node has some of them in the code, others in the message only.
const handshakes: readonly (readonly [RegExp, string])[] = [
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE/, "ADDRESS does not speak TLS"],
  [/UNRECOGNIZED_NAME/, "the server has no certificate for the name HOST"],
  [/ALERT_CERTIFICATE_REQUIRED/, "the server wants a client certificate"],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_EXPIRED|CERTIFICATE_UNKNOWN|ACCESS_DENIED)/,
    "the server does not accept the client certificate",
  ],
  [/ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, "the server speaks no version of TLS from 1.2 on"],
  [/ALERT_HANDSHAKE_FAILURE|NO_SHARED_CIPHER/, "the server refuses the TLS handshake"],
];

/** Of Node, and of https-proxy-agent. */
const hangUp = /^(socket hang up|aborted|Proxy connection ended before receiving CONNECT response)$/;

export interface FailedPeer {
  /** Where the connection went: of the proxy, where there is one. */
  readonly host: string;
  readonly port: number;
  /** What the certificate has to be for. */
  readonly serverName: string;
  /** Whether an answer had begun. */
  readonly hasAnswered: boolean;
  readonly isProxied: boolean;
}

/** What a failed connection means. */
export function networkFailure(error: unknown, peer: FailedPeer): CheckFailure {
  if (error instanceof CheckFailure) return error;
  const cause = firstOf(error);
  const code = errorCode(cause);
  const message = errorMessage(cause);
  const { host, port, isProxied } = peer;
  const address = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const via = isProxied ? "proxy: " : "";
  if (code === "ENOTFOUND") return new CheckFailure("dns", `${via}no such host ${host}`, { cause });
  if (code === "EAI_AGAIN") return new CheckFailure("dns", `${via}the resolver does not answer for ${host}`, { cause });
  const dial = connecting[code];
  if (dial !== undefined) return new CheckFailure("connect", via + dial.replace("ADDRESS", address), { cause });
  const certificate = certificates[code];
  if (certificate !== undefined) return new CheckFailure("tls", certificate, { cause });
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return new CheckFailure("tls", wrongName(cause, peer), { cause });
  if (code.startsWith("ERR_SSL_") || code === "EPROTO") {
    const text = `${code} ${message}`.toUpperCase().replaceAll(" ", "_");
    const known = handshakes.find(([pattern]) => pattern.test(text))?.[1];
    const seen = known?.replace("ADDRESS", address).replace("HOST", peer.serverName);
    return new CheckFailure("tls", seen ?? "the TLS handshake failed", { cause });
  }
  if (code.startsWith("HPE_")) return new CheckFailure("protocol", "the answer is no HTTP", { cause });
  if (["ECONNRESET", "EPIPE", "ECONNABORTED"].includes(code) || hangUp.test(message)) {
    const seen = peer.hasAnswered
      ? "the connection was cut in the middle of the answer"
      : "the connection was cut before there was an answer";
    return new CheckFailure("cut", seen, { cause });
  }
  // Of no code of ours: its words may hold anything of the request.
  return new CheckFailure("connect", `the connection failed${code === "" ? "" : ` (${code})`}`, { cause });
}

// A host with several addresses fails with an AggregateError.
function firstOf(error: unknown): unknown {
  const { errors } = recordOf(error);
  return Array.isArray(errors) && errors.length > 0 ? errors[0] : error;
}

function wrongName(error: unknown, { serverName }: FailedPeer): string {
  const { subjectaltname = "" } = recordOf(recordOf(error).cert);
  const kind = isIP(serverName) ? "IP Address:" : "DNS:";
  const names = String(subjectaltname)
    .split(", ")
    .flatMap((entry) => (entry.startsWith(kind) ? [entry.slice(kind.length)] : []));
  // Whoever made the certificate wrote them.
  const shown = names.slice(0, 3).map((name) => name.slice(0, 80));
  const those = names.length > shown.length ? `${shown.join(", ")}, …` : shown.join(", ");
  return `the certificate is for ${those || "no such name"}, not for ${serverName}`;
}
