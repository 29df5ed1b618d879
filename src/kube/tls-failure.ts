import { isIP } from "node:net";
import { errorCode, errorMessage } from "../util/file-error.ts";
import { hostOf } from "./proxy.ts";
import { UnreachableError } from "./unreachable-error.ts";

const unknownAuthority = "x509: certificate signed by unknown authority";
const untrusted: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_UNTRUSTED: unknownAuthority,
  CERT_HAS_EXPIRED: "x509: certificate has expired or is not yet valid",
  CERT_NOT_YET_VALID: "x509: certificate has expired or is not yet valid",
};
const authorityHint =
  "the certificate-authority of the kubeconfig is not the one that signed the server's certificate; " +
  "--certificate-authority names another file";
const expiredHint = "the server's certificate must be renewed, or this machine's clock is wrong";

// What the other side says before it closes; Go's names for TLS alerts.
const alerts: readonly (readonly [RegExp, string])[] = [
  [/ALERT_CERTIFICATE_REQUIRED/, "certificate required"],
  [/ALERT_UNKNOWN_CA/, "unknown certificate authority"],
  [/ALERT_BAD_CERTIFICATE/, "bad certificate"],
  [/ALERT_CERTIFICATE_EXPIRED/, "expired certificate"],
  [/ALERT_CERTIFICATE_UNKNOWN/, "unknown certificate"],
  [/ALERT_PROTOCOL_VERSION/, "protocol version not supported"],
  [/ALERT_HANDSHAKE_FAILURE/, "handshake failure"],
  [/ALERT_ACCESS_DENIED/, "access denied"],
  [/UNRECOGNIZED_NAME/, "unrecognized name"],
  [/ALERT_INTERNAL_ERROR/, "internal error"],
];
const notTls = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER_FAILURE/;

/** kubectl's line for a TLS failure, with Go's words; undefined when `error` is none. */
export function tlsFailure(error: unknown, server: URL): UnreachableError | undefined {
  const code = errorCode(error);
  const verification = untrusted[code];
  if (verification) {
    const hint = verification === unknownAuthority ? authorityHint : expiredHint;
    return failure(`tls: failed to verify certificate: ${verification}`, hint, error);
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return failure(
      `tls: failed to verify certificate: x509: ${wrongName(error, server)}`,
      "--tls-server-name names the name to expect, --server another address",
      error,
    );
  }
  if (!code.startsWith("ERR_SSL_") && code !== "EPROTO") return undefined;
  // While writing, Node reports EPROTO and leaves OpenSSL's reason in the message.
  const message = errorMessage(error);
  const reason = `${code} ${message}`.toUpperCase().replaceAll(" ", "_");
  if (notTls.test(reason)) {
    return failure(
      "http: server gave HTTP response to HTTPS client",
      `if the server speaks plain HTTP, its address is http://${server.host}`,
      error,
    );
  }
  const alert = alerts.find(([pattern]) => pattern.test(reason))?.[1];
  if (alert) {
    const hint = alert.includes("certificate") ? "the server does not accept the client certificate" : undefined;
    return failure(`remote error: tls: ${alert}`, hint, error);
  }
  return failure(`tls: ${/SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? message}`, undefined, error);
}

function failure(text: string, hint: string | undefined, cause: unknown): UnreachableError {
  return new UnreachableError("tls", `Unable to connect to the server: ${text}`, { hint, cause });
}

// Go's x509.HostnameError.
function wrongName(error: unknown, server: URL): string {
  const { names, addresses } = alternativeNames(error);
  const wanted = wantedName(error) ?? hostOf(server);
  if (isIP(wanted)) {
    if (addresses.length === 0)
      return `cannot validate certificate for ${wanted} because it doesn't contain any IP SANs`;
    return `certificate is valid for ${addresses.join(", ")}, not ${wanted}`;
  }
  if (names.length === 0) return `certificate is not valid for any names, but wanted to match ${wanted}`;
  return `certificate is valid for ${names.join(", ")}, not ${wanted}`;
}

function wantedName(error: unknown): string | undefined {
  return textMember(error, "host");
}

function alternativeNames(error: unknown): { names: string[]; addresses: string[] } {
  const certificate = typeof error === "object" && error !== null && "cert" in error ? error.cert : undefined;
  const entries = (textMember(certificate, "subjectaltname") ?? "").split(", ");
  const ofKind = (kind: string) =>
    entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(kind.length));
  return { names: ofKind("DNS:"), addresses: ofKind("IP Address:") };
}

function textMember(value: unknown, member: string): string | undefined {
  const found =
    typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, member)?.value : undefined;
  return typeof found === "string" ? found : undefined;
}
