import { createSecureContext } from "node:tls";
import { load } from "js-yaml";
import { KevError, type KevErrorOptions } from "../util/errors.ts";
import { errorCode } from "../util/file-error.ts";
import { isRecord, recordOf } from "../util/is-record.ts";

/** What a credential plug-in answered: a token, a certificate with its key, or both. */
export interface ExecCredential {
  readonly token: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly key: string;
  /** Milliseconds since 1970 after which to ask again; undefined: never. */
  readonly expires: number | undefined;
}

/** The versions of the API between kubectl and its plug-ins. */
export const execApiVersions: readonly string[] = [
  "client.authentication.k8s.io/v1",
  "client.authentication.k8s.io/v1beta1",
];

/**
 * Reads what a plug-in has printed: an ExecCredential in JSON or, as by client-go, in YAML.
 *
 * @throws KevError (refused) with client-go's texts, but without what was printed: it may hold a token
 */
export function readExecAnswer(stdout: string, apiVersion: string): ExecCredential {
  const answer = parse(stdout);
  checkType(answer, apiVersion);
  if (!isRecord(answer.status)) throw execRefused("exec plugin didn't return a status field");
  const token = textOf(answer.status.token);
  const certificate = textOf(answer.status.clientCertificateData);
  const key = textOf(answer.status.clientKeyData);
  if (!token && !certificate && !key) throw execRefused("exec plugin didn't return a token or cert/key pair");
  if (!certificate !== !key) throw execRefused("exec plugin returned only certificate or key, not both");
  if (certificate) checkPair(certificate, key);
  return { token, certificate, key, expires: expiry(textOf(answer.status.expirationTimestamp)) };
}

/** `getting credentials: MESSAGE`, in kubectl's line. */
export function execRefused(message: string, options: KevErrorOptions = {}): KevError {
  const prefix = "Unable to connect to the server: ";
  return new KevError("refused", `getting credentials: ${message}`, { ...options, prefix });
}

function checkType(answer: Record<string, unknown>, apiVersion: string): void {
  const [returned, kind] = [textOf(answer.apiVersion), textOf(answer.kind)];
  if (kind === "") throw execRefused("decoding stdout: Object 'Kind' is missing");
  if (returned === "") throw execRefused("decoding stdout: Object 'apiVersion' is missing");
  if (kind !== "ExecCredential" || !execApiVersions.includes(returned)) {
    throw execRefused(`decoding stdout: no kind "${kind}" is registered for version "${returned}"`);
  }
  if (returned === apiVersion) return;
  throw execRefused(`exec plugin is configured to use API version ${apiVersion}, plugin returned version ${returned}`);
}

function parse(stdout: string): Record<string, unknown> {
  const value = parsed(stdout);
  if (!isRecord(value)) throw execRefused("decoding stdout: couldn't get version/kind; it is no JSON or YAML object");
  return recordOf(value);
}

function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    try {
      return load(stdout);
    } catch {
      return undefined;
    }
  }
}

function checkPair(cert: string, key: string): void {
  const broken = (text: string): KevError => execRefused(`failed parsing client key/certificate: ${text}`);
  if (!cert.includes("-----BEGIN ")) throw broken("tls: failed to find any PEM data in certificate input");
  if (!key.includes("-----BEGIN ")) throw broken("tls: failed to find any PEM data in key input");
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    const isMismatch = errorCode(error) === "ERR_OSSL_X509_KEY_VALUES_MISMATCH";
    throw broken(isMismatch ? "tls: private key does not match public key" : "they cannot be read");
  }
}

function expiry(timestamp: string): number | undefined {
  if (timestamp === "") return undefined;
  const time = Date.parse(timestamp);
  if (Number.isNaN(time)) throw execRefused("decoding stdout: expirationTimestamp is not a time");
  return time;
}

// YAML reads a time as one; js-yaml's schema of the core has none.
function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : "";
}
